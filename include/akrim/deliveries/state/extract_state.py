"""How an extract's state compares with the one before it: the words, and what decides between them."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from akrim.contracts import Extract

State = Literal["first", "unchanged", "empty", "shrunken", "swollen", "changed"]
# What may be a fault of the agency's or of the transport, until a person says otherwise.
UNSOUND = {"empty", "shrunken", "swollen"}


@dataclass(frozen=True)
class ExtractState:
    """An extract's state after a delivery: what was counted of it, and how it compares.

    `rows` and `digest` are None where nothing could be counted, `state` where it was accepted before states were kept.
    `as_of` is the last day that its newest facts can be of. `confirmed`: states with digests that a person confirmed.
    """

    is_delivered: bool
    rows: int | None = None
    digest: str | None = None
    state: State | None = None
    rows_usual: int | None = None
    as_of: date | None = None
    confirmed: tuple[str, ...] = ()

    @property
    def is_confirmed(self) -> bool:
        return f"{self.state} {self.digest}" in self.confirmed

    @property
    def usual(self) -> int | None:
        """The number of rows to expect after it."""
        return self.rows_usual if self.state in UNSOUND and not self.is_confirmed else self.rows


def judge(before: ExtractState | None, now: ExtractState, extract: Extract, end: date) -> ExtractState:
    """How the state compares with the one before it.

    Args:
        end: the last day of the delivery's period; what a person confirmed is as of that day, whatever its facts.
    """
    if now.rows is None:
        return now
    if before is None or before.rows is None:
        judged = replace(
            now, state="first" if now.rows else "empty", rows_usual=None, as_of=end if now.rows else None
        )
    else:
        is_same = now.digest == before.digest
        as_of = before.as_of if is_same or not now.rows or not now.is_delivered else end
        state = _state(now.rows, before.usual, extract, is_same=is_same)
        judged = replace(now, state=state, rows_usual=before.usual, as_of=as_of)
    return replace(judged, as_of=end) if judged.is_confirmed else judged


def _state(rows: int, usual: int | None, extract: Extract, *, is_same: bool) -> State:
    """What is out of bounds stays so where the same is delivered again."""
    if not rows:
        return "empty"
    if usual and not extract.is_append_only and abs(rows - usual) >= extract.fewest_rows:
        if rows < extract.fewest_share * usual:
            return "shrunken"
        if rows > extract.most_share * usual:
            return "swollen"
    return "unchanged" if is_same else "changed"
