"""What is new on a centre's list: in go two lists and who became whom in between, out comes a change per person and kind.

A higher or lower place on the list alone is no change of one's own: it follows from what happened to others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
Change = dict[str, Any]
Listed = Mapping[str, Row]
Successors = Mapping[str, list[str]]

ORDER = ("entered", "left", "rose", "fell", "status", "merged", "split", "corrected", "erased")
SHOWN = ("rank", "total_points", "proposed_status", "status")


def compare(before: Listed, after: Listed, identities: Iterable[Row]) -> list[Change]:
    """Every change from one list to the other, in a fixed order; empty when nothing changed.

    Args:
        before, after: by person id, a row with at least the columns SHOWN.
        identities: rows of linkage.person_id_history between the two.
    """
    steps = list(identities)
    successors = followed(steps)
    known = _known_lines(before, after, successors)
    found = [
        *_arrivals_and_departures(before, after, known, successors),
        *_movements(after, known),
        *_identity_changes(steps, before, after),
    ]
    return in_order(found)


def in_order(changes: Iterable[Change]) -> list[Change]:
    return sorted(
        changes,
        key=lambda change: (
            ORDER.index(change["change"]),
            _place(change),
            change["person_id"],
            change.get("old_person_id", ""),
        ),
    )


def followed(identities: Iterable[Row]) -> dict[str, list[str]]:
    """Whom each old id became, through every step."""
    next_ids: dict[str, list[str]] = defaultdict(list)
    for row in identities:
        next_ids[row["old_person_id"]].append(row["person_id"])
    return {old_id: _reached(old_id, next_ids) for old_id in list(next_ids)}


def change_of(kind: str, person_id: str, before: Row | None, after: Row | None) -> Change:
    """One change in the form of docs/changes.md, its causes still to be told."""
    return {"person_id": person_id, "change": kind, "before": _line(before), "after": _line(after)}


def _reached(old_id: str, next_ids: Mapping[str, list[str]]) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(next_ids[old_id])
    while waiting:
        person_id = waiting.pop(0)
        if person_id not in found and person_id != old_id:
            found[person_id] = None
            waiting += next_ids.get(person_id, [])
    return list(found)


def _known_lines(before: Listed, after: Listed, successors: Successors) -> dict[str, Row]:
    """For each person now on the list, the line that the person had before, by the same id or an older one."""
    known: dict[str, Row] = {}
    for old_id, row in sorted(before.items(), key=lambda entry: entry[1]["rank"], reverse=True):
        for person_id in successors.get(old_id, []):
            if person_id in after:
                known[person_id] = row
    return known | {person_id: before[person_id] for person_id in after if person_id in before}


def _arrivals_and_departures(
    before: Listed, after: Listed, known: Mapping[str, Row], successors: Successors
) -> Iterable[Change]:
    for person_id, row in after.items():
        if person_id not in known:
            yield change_of("entered", person_id, None, row)
    for person_id, row in before.items():
        became = {person_id, *successors.get(person_id, [])}
        if not became & after.keys():
            yield change_of("left", person_id, row, None)


def _movements(after: Listed, known: Mapping[str, Row]) -> Iterable[Change]:
    for person_id, row in after.items():
        old = known.get(person_id)
        if old is None:
            continue
        if row["total_points"] != old["total_points"]:
            kind = "rose" if row["total_points"] > old["total_points"] else "fell"
            yield change_of(kind, person_id, old, row)
        if (row["status"], row["proposed_status"]) != (old["status"], old["proposed_status"]):
            yield change_of("status", person_id, old, row)


def _identity_changes(identities: Iterable[Row], before: Listed, after: Listed) -> Iterable[Change]:
    for row in identities:
        if row["old_person_id"] in before or row["person_id"] in after:
            old, new = before.get(row["old_person_id"]), after.get(row["person_id"])
            change = change_of(row["change"], row["person_id"], old, new)
            yield change | {"old_person_id": row["old_person_id"]}


def _line(row: Row | None) -> dict[str, Any] | None:
    return None if row is None else {key: row[key] for key in SHOWN}


def _place(change: Change) -> int:
    line = change["after"] or change["before"]
    return int(line["rank"]) if line else 0
