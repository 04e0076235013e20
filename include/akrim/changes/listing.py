"""Compares two lists of a centre: one change per person and kind.

A different rank alone is not a change: it follows from changes of others.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]
Change = dict[str, Any]
CentreList = Mapping[str, Row]
Successors = Mapping[str, list[str]]

ORDER = ("entered", "left", "rose", "fell", "status", "merged", "split", "renamed", "corrected", "erased")
FIELDS = ("rank", "total_points", "proposed_status", "status")


def compare(before: CentreList, after: CentreList, identities: Iterable[Row]) -> list[Change]:
    """Every change from one list to the other, in a fixed order.

    Args:
        before, after: by person id, a row with at least the columns FIELDS.
        identities: rows of linkage.person_id_history between the two.
    """
    steps = list(identities)
    successors = resolve_successors(steps)
    known = _known_lines(before, after, successors)
    found = [
        *_arrivals_and_departures(before, after, known, successors),
        *_movements(after, known),
        *_identity_changes(steps, before, after),
    ]
    return in_fixed_order(found)


def in_fixed_order(changes: Iterable[Change]) -> list[Change]:
    return sorted(
        changes,
        key=lambda change: (
            ORDER.index(change["change"]),
            _place(change),
            change["person_id"],
            change.get("old_person_id", ""),
        ),
    )


def resolve_successors(identities: Iterable[Row]) -> dict[str, list[str]]:
    """The ids that each old id became, directly and indirectly."""
    next_ids: dict[str, list[str]] = defaultdict(list)
    for row in identities:
        next_ids[row["old_person_id"]].append(row["person_id"])
    return {old_id: _reached(old_id, next_ids) for old_id in list(next_ids)}


def make_change(kind: str, person_id: str, before: Row | None, after: Row | None) -> Change:
    """One change as docs/changes.md describes it, without its causes."""
    return {"person_id": person_id, "change": kind, "before": fields(before), "after": fields(after)}


def movements(before: Row, after: Row) -> Iterator[str]:
    """What a line on both lists has done."""
    if after["total_points"] != before["total_points"]:
        yield "rose" if after["total_points"] > before["total_points"] else "fell"
    if (after["status"], after["proposed_status"]) != (before["status"], before["proposed_status"]):
        yield "status"


def fields(row: Row | None) -> dict[str, Any] | None:
    """What a change tells of a line; None where there is none."""
    return None if row is None else {key: row[key] for key in FIELDS}


def is_given_anew(change: Change) -> bool:
    """Whether a team has given another status, and not the rules alone propose one."""
    before, after = ((change[when] or {}).get("status") for when in ("before", "after"))
    return bool(before != after)


def _reached(old_id: str, next_ids: Mapping[str, list[str]]) -> list[str]:
    found: dict[str, None] = {}
    pending = list(next_ids[old_id])
    while pending:
        person_id = pending.pop(0)
        if person_id not in found and person_id != old_id:
            found[person_id] = None
            pending += next_ids.get(person_id, [])
    return list(found)


def _known_lines(before: CentreList, after: CentreList, successors: Successors) -> dict[str, Row]:
    """The earlier line of each person now on the list, by the same id or an older one."""
    known: dict[str, Row] = {}
    for old_id, row in sorted(before.items(), key=lambda entry: entry[1]["rank"], reverse=True):
        for person_id in successors.get(old_id, []):
            if person_id in after:
                known[person_id] = row
    return known | {person_id: before[person_id] for person_id in after if person_id in before}


def _arrivals_and_departures(
    before: CentreList, after: CentreList, known: Mapping[str, Row], successors: Successors
) -> Iterable[Change]:
    for person_id, row in after.items():
        if person_id not in known:
            yield make_change("entered", person_id, None, row)
    for person_id, row in before.items():
        became = {person_id, *successors.get(person_id, [])}
        if not became & after.keys():
            yield make_change("left", person_id, row, None)


def _movements(after: CentreList, known: Mapping[str, Row]) -> Iterable[Change]:
    for person_id, row in after.items():
        old = known.get(person_id)
        for kind in movements(old, row) if old else ():
            yield make_change(kind, person_id, old, row)


def _identity_changes(identities: Iterable[Row], before: CentreList, after: CentreList) -> Iterable[Change]:
    for row in identities:
        if row["old_person_id"] in before or row["person_id"] in after:
            old, new = before.get(row["old_person_id"]), after.get(row["person_id"])
            change = make_change(row["change"], row["person_id"], old, new)
            yield change | {"old_person_id": row["old_person_id"]}


def _place(change: Change) -> int:
    line = change["after"] or change["before"]
    return int(line["rank"]) if line else 0
