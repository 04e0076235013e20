"""What each sheet of the decision form asks, and about whom: entries of a list, or groups of people who were informed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from akrim.contracts import DECISIONS, GROUP_DECISIONS, INFORMED, Column, Extract, decision_extracts
from akrim.deliveries.decisions import SHEETS, decision_id
from akrim.report import Words

# The fields of a list's entry that fill a sheet's columns: those that say whom a row is about, and those that show it.
FIELDS = {
    DECISIONS: (("person_id",), ("place", "name", "born", "total", "shown_status", "proposed")),
    GROUP_DECISIONS: (
        ("group_id", "enterprises"),
        ("place", "name", "members", "total", "shown_status", "proposed"),
    ),
    INFORMED: (("audience",), ("asked",)),
}
# What reminds of the entry's last decision; no seal is needed for it, since it does not tell who somebody is.
REMINDERS = {"siste_beslutning": "last_decision"}


@dataclass(frozen=True)
class AskedSheet:
    """One sheet of the form: what the contract wants of it, and the list that it asks about."""

    extract: Extract
    entries: Sequence[Mapping[str, Any]]
    origin: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.extract.name

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.extract.columns

    @property
    def header(self) -> list[str]:
        """The names of its columns, but for the seal's."""
        return [*self.read, *(column.name for column in self.columns)]

    @property
    def read(self) -> dict[str, str]:
        """The entry's field of each column that is for the reader."""
        return self.shown if self.name == INFORMED else self.shown | REMINDERS

    @property
    def hidden(self) -> set[str]:
        """The columns that say whom a row is about to the pipeline, not to people."""
        return {column.name for column in self.columns if column.is_prefilled}

    @property
    def first_open(self) -> int:
        """The place of the first column to fill in, counted from 0."""
        return len(self.read) + next(i for i, column in enumerate(self.columns) if not column.is_prefilled)

    @property
    def frozen(self) -> int:
        """How many columns stay in view: those that say who it is, after a rank where there is one."""
        return 1 if self.name == INFORMED else 2

    @property
    def shown(self) -> dict[str, str]:
        """The entry's field of each sealed column that shows whom it is about."""
        return dict(zip(SHEETS[self.name].shown, FIELDS[self.name][1], strict=True))

    @property
    def about(self) -> dict[str, str]:
        """The entry's field of each column that says whom it is about, an id first."""
        return dict(zip(SHEETS[self.name].about, FIELDS[self.name][0], strict=True))

    def id_of(self, entry: Mapping[str, Any]) -> str:
        """The id of the decision or report on an entry."""
        return decision_id(self.origin["release_id"], self.origin["senter"], entry[FIELDS[self.name][0][0]])


def audiences(period: str, words: Words) -> list[dict[str, str]]:
    """Whom a centre may have informed in the period, as the contract lists them, and how they are asked about."""
    column = next(c for e in decision_extracts() for c in e.columns_meaning("audience"))
    return [
        {"audience": code, "asked": words(f"form_informed_{code}", period=words.period(period))}
        for code in column.codes
    ]
