"""Reads the limits: one line per category of data, from the file of the installation or, for synthetic data, the one shipped.

Nothing is assumed for real data: a production installation has a file of its own, and where a category has no line or no
length, work stops until people have decided.
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from akrim.contracts import all_extracts
from akrim.errors import UserError
from akrim.own_yaml import read_own
from akrim.plain_yaml import read_yaml
from akrim.settings import get_settings

UNTIL_SUPERSEDED = "until_superseded"
LENGTH = re.compile(r"[1-9][0-9]{0,3} (days?|months?|years?)")
FIELDS = ("keep", "counted_from", "basis", "question")
DELIVERED = "delivered."
# Each category but those of delivered rows, with the dates that it can be counted from, in the order of removal.
CATEGORIES = {
    "quarantined_rows": ("received_at", "delivered_at"),
    "validation_results": ("received_at", "delivered_at"),
    "release_rows": ("as_of", "published_at"),
    "release_files": ("as_of", "published_at"),
    # After the releases that tell of a link.
    "linkage": ("published_at", "as_of"),
    "working_files": ("changed_at",),
    "logs": ("written_at",),
    "audit_log": ("happened_at",),
    # Before the cases that brought them about, and after the links.
    "link_verdicts": ("decided_at",),
    "correction_cases": ("recorded_at",),
    "protection_statements": ("delivered_at",),
    "bankruptcy_notices.natural_persons": ("proceedings_ended",),
    "bankruptcy_notices.legal_persons": ("proceedings_ended",),
}
OF_DELIVERIES = ("delivered_at", "received_at")
# What can be superseded; the rest is only ever old.
SUPERSEDABLE = ("linkage", "release_rows", "release_files")


@dataclass(frozen=True)
class Limit:
    """How long a category is kept: `keep` is a length as PostgreSQL reads an interval, or `until_superseded`."""

    category: str
    keep: str
    counted_from: str
    basis: str
    question: str

    @property
    def interval(self) -> str:
        """The length; none where only what rests on it counts."""
        return "0 days" if self.keep == UNTIL_SUPERSEDED else self.keep


def require_limits() -> dict[str, Limit]:
    """Every category's limit. Raises UserError, naming the category and the file, where one has none.

    The categories are those of the contracts' extracts and those that the pipeline itself keeps.
    """
    path = get_settings().retention
    if path is None and get_settings().data_mode == "production":
        raise UserError(
            f"How long {next(iter(_categories()))} is kept, and every other category, has not been decided.",
            "AKRIM_RETENTION",
            "Name a file with the installation's own limits; docs/retention.md says what stands in it.",
        )
    stated = _read(path)
    where = str(path or "include/akrim/retention/limits.yml")
    if unknown := sorted(stated.keys() - _categories().keys()):
        raise UserError(f"{unknown[0]} is no category.", where, f"Those are: {', '.join(_categories())}.")
    return {
        category: _limit(category, stated.get(category), counted_from, where)
        for category, counted_from in _categories().items()
    }


def _categories() -> dict[str, tuple[str, ...]]:
    """Every category with the dates that it can be counted from; an agency's contract may bring one of its own."""
    return {f"{DELIVERED}{extract.category}": OF_DELIVERIES for extract in all_extracts()} | CATEGORIES


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return dict(read_own(files(__package__).joinpath("limits.yml")))
    return read_yaml(path, "file of limits", "Write one entry per category, as docs/retention.md says.")


def _limit(category: str, line: Any, counted_from: tuple[str, ...], where: str) -> Limit:
    def wrong(what: str, todo: str) -> UserError:
        return UserError(what, f"{where}: {category}", todo)

    if not isinstance(line, dict) or line.get("keep") is None:
        raise wrong(
            f"How long {category} is kept has not been decided.",
            "Write a length, such as 24 months, with what it is counted from, its basis and the open question.",
        )
    if missing := [name for name in FIELDS if not isinstance(line.get(name), str)]:
        raise wrong(f"The limit of {category} has no {missing[0]}.", "Write it, in words.")
    if extra := sorted(map(str, line.keys() - set(FIELDS))):
        raise wrong(f"The limit of {category} has a field {extra[0]}.", f"Fields are: {', '.join(FIELDS)}.")
    can_be_superseded = category.startswith(DELIVERED) or category in SUPERSEDABLE
    if not LENGTH.fullmatch(line["keep"]) and not (line["keep"] == UNTIL_SUPERSEDED and can_be_superseded):
        also = f", or {UNTIL_SUPERSEDED}" if can_be_superseded else ""
        raise wrong(
            f"{line['keep']!r} is no length for {category}.", f"Write such as 90 days or 24 months{also}."
        )
    if line["counted_from"] not in counted_from:
        raise wrong(
            f"{category} cannot be counted from {line['counted_from']!r}.",
            f"From: {', '.join(counted_from)}.",
        )
    return Limit(category, *(line[name] for name in FIELDS))
