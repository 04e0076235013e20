"""The report's content: in go a centre's tables, out comes one dict of finished texts.

The page and the PDF are drawn from the same dict, so that they say the same. Everything in it is text for a
reader in one language; nothing is formatted, translated or chosen in a template.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from akrim.releases.changes import Change
from akrim.releases.facts import Facts, Row
from akrim.releases.method import method_of
from akrim.releases.overview import outcomes_of, overview_of
from akrim.releases.profiles import profile_of
from akrim.releases.reference import Reference
from akrim.releases.tables import Tables
from akrim.releases.words import Words, clean

# The page can be searched, a printed report must be carried: so many profiles each, the first on the list.
PROFILES_IN_PAGE = 300
PROFILES_IN_PDF = 25


@dataclass(frozen=True)
class Edition:
    """What a report is about; `since_last_period` and `corrections` are those of changes.json (docs/changes.md)."""

    release_id: str
    period: str
    as_of: date
    centre_id: str
    previous_release_id: str | None
    is_synthetic: bool
    versions: dict[str, str]
    since_last_period: dict[str, Any] | None = None
    corrections: Sequence[dict[str, Any]] = ()


def content_of(
    edition: Edition, tables: Tables, changes: list[Change], reference: Reference
) -> dict[str, Any]:
    """Everything that the report says, for one centre."""
    words = reference.words()
    names = {
        row["person_id"]: row
        for row in tables["persons"].select(["person_id", "full_name", "birth_date"]).to_pylist()
    }
    ranking = _ranking(tables, names, changes, words)
    facts = Facts(
        tables,
        [entry["person_id"] for entry in ranking[:PROFILES_IN_PAGE]],
        edition.as_of,
        reference.outcomes,
    )
    profiles = [profile_of(entry, facts, words) for entry in ranking[:PROFILES_IN_PAGE]]
    return {
        "language": words.language,
        "t": words.texts,
        "head": _head(edition, reference, words),
        "overview": overview_of(edition, tables, ranking, changes, words),
        "ranking": ranking,
        "ranking_note": words(
            "ranking_note", listed=words.number(len(ranking)), page=PROFILES_IN_PAGE, pdf=PROFILES_IN_PDF
        ),
        "profiles": profiles,
        "outcomes": outcomes_of(tables, words),
        "method": method_of(edition, reference, words),
    }


def for_print(content: dict[str, Any]) -> dict[str, Any]:
    """The same content with as many profiles as a printed report bears."""
    return content | {"profiles": content["profiles"][:PROFILES_IN_PDF]}


def _head(edition: Edition, reference: Reference, words: Words) -> dict[str, str]:
    return {
        "title": words("title"),
        "centre": reference.centre_name(edition.centre_id),
        "period": words("period_name", tertial=edition.period[-1], year=edition.period[:4]),
        "release_id": edition.release_id,
        "as_of": words.long_day(edition.as_of),
        "previous": edition.previous_release_id or "",
        "synthetic": words("synthetic_banner") if edition.is_synthetic else "",
        "handling": words("handling"),
    }


def _ranking(
    tables: Tables, names: dict[str, Row], changes: list[Change], words: Words
) -> list[dict[str, Any]]:
    listed = sorted(tables["assessments"].to_pylist(), key=lambda row: (row["rank"], row["person_id"]))
    moved: dict[str, list[Change]] = {}
    for change in changes:
        moved.setdefault(change["person_id"], []).append(change)
    return [
        _entry(place, row, names[row["person_id"]], moved.get(row["person_id"], []), words)
        for place, row in enumerate(listed, start=1)
    ]


def _entry(place: int, row: Row, person: Row, changes: list[Change], words: Words) -> dict[str, Any]:
    status = row["status"]
    return {
        "place": place,
        "rank": words.number(row["rank"]),
        "person_id": row["person_id"],
        "name": clean(person["full_name"]) or words("name_unknown"),
        "born": words.day(person["birth_date"]),
        "intention": words.number(row["intention_points"]),
        "capacity": words.number(row["capacity_points"]),
        "total": words.number(row["total_points"]),
        "fired": words.number(row["fired_count"]),
        "unavailable": words.number(row["unavailable_count"]),
        "status_code": status or row["proposed_status"] or "",
        "status": words.label("status", status),
        "status_since": words.day(row["status_since"]) if status else "",
        "proposed": words.label("status", row["proposed_status"]),
        "link": words.likelihood(row["weakest_match_weight"]),
        "moves": [words(f"change_{change['change']}") for change in changes],
        "move": _move(changes, words),
    }


def _move(changes: list[Change], words: Words) -> str:
    """The change in a cell: a sign that is read without colour, and by how many points."""
    kinds = {change["change"]: change for change in changes}
    if "entered" in kinds:
        return words("move_new")
    for kind, sign in (("rose", "\u25b2"), ("fell", "\u25bc")):
        if kind in kinds:
            difference = kinds[kind]["after"]["total_points"] - kinds[kind]["before"]["total_points"]
            return f"{sign} {'+' if difference > 0 else ''}{words.number(difference)}"
    return words("move_status") if "status" in kinds else ""
