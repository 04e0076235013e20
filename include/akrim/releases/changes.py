"""What changed on a centre's list since its previous release, each change with its cause.

In go the previous and the present list, the persons merged or split in between and what differs between the two
releases' pinned inputs; out comes one entry per person and kind of change. A higher or lower place on the list
alone is no change: it follows from what happened to others. Causes are attributed by comparing pinned inputs, not
computed by assessing again, and changes.json says so.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa

from akrim.releases.facts import Row

Change = dict[str, Any]

ORDER = ("entered", "left", "rose", "fell", "status", "merged", "split")

# Where several inputs differ, the first of these names the cause: a new rule moves more persons than new data do.
PRECEDENCE = ("rule", "linkage", "link_decision", "code", "source")

ATTRIBUTION = (
    "Causes are attributed by comparing the pinned inputs of the two releases (deliveries, decisions, link decisions, "
    "linkage model, rules, code), not by assessing again with one of them changed at a time. Where several inputs "
    "differ, the first of rule, linkage, link_decision, code, source is named; a new or other decision on the very "
    "person is named prioritisation; a merged or split person is named linkage."
)


class Comparison(NamedTuple):
    """A centre's two lists and what lies between them.

    `identities` are the rows of linkage.person_id_history since the previous release, `decided` the persons with a
    decision that the previous release did not have, `differing` the kinds of pinned input that differ.
    """

    previous: pa.Table
    present: pa.Table
    identities: list[Row]
    decided: set[str]
    differing: list[str]


def compare(comparison: Comparison) -> list[Change]:
    """Every change, in a fixed order; an empty list when nothing changed."""
    before = {row["person_id"]: row for row in comparison.previous.to_pylist()}
    after = {row["person_id"]: row for row in comparison.present.to_pylist()}
    successors = _successors(comparison.identities)
    known = _resolve(before, after, successors)
    found = [
        *_arrivals_and_departures(before, after, known, successors),
        *_movements(after, known, comparison.decided),
        *_identity_changes(comparison.identities, before, after),
    ]
    cause = next((kind for kind in PRECEDENCE if kind in comparison.differing), "source")
    for change in found:
        change.setdefault("cause", cause)
        change["causes"] = [_whole_effect(change)]
    return sorted(
        found, key=lambda change: (ORDER.index(change["change"]), _place(change), change["person_id"])
    )


def _successors(identities: Iterable[Row]) -> dict[str, list[str]]:
    """Whom each old id became, followed through every step."""
    next_ids: dict[str, list[str]] = defaultdict(list)
    for row in identities:
        next_ids[row["old_person_id"]].append(row["person_id"])
    return {old_id: _followed(old_id, next_ids) for old_id in list(next_ids)}


def _followed(old_id: str, next_ids: dict[str, list[str]]) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(next_ids[old_id])
    while waiting:
        person_id = waiting.pop(0)
        if person_id not in found and person_id != old_id:
            found[person_id] = None
            waiting += next_ids.get(person_id, [])
    return list(found)


def _resolve(
    before: dict[str, Row], after: dict[str, Row], successors: dict[str, list[str]]
) -> dict[str, Row]:
    """For each person now on the list, the line that the person had before, by the same id or an older one."""
    known: dict[str, Row] = {}
    for old_id, row in sorted(before.items(), key=lambda entry: entry[1]["rank"], reverse=True):
        for person_id in successors.get(old_id, []):
            if person_id in after:
                known[person_id] = row
    return known | {person_id: before[person_id] for person_id in after if person_id in before}


def _arrivals_and_departures(
    before: dict[str, Row], after: dict[str, Row], known: dict[str, Row], successors: dict[str, list[str]]
) -> Iterable[Change]:
    for person_id, row in after.items():
        if person_id not in known:
            yield _change("entered", person_id, None, row)
    for person_id, row in before.items():
        became = {person_id, *successors.get(person_id, [])}
        if not became & after.keys():
            yield _change("left", person_id, row, None)


def _movements(after: dict[str, Row], known: dict[str, Row], decided: set[str]) -> Iterable[Change]:
    for person_id, row in after.items():
        old = known.get(person_id)
        if old is None:
            continue
        if row["total_points"] != old["total_points"]:
            kind = "rose" if row["total_points"] > old["total_points"] else "fell"
            yield _change(kind, person_id, old, row)
        if (row["status"], row["proposed_status"]) != (old["status"], old["proposed_status"]):
            change = _change("status", person_id, old, row)
            if row["status"] != old["status"] and person_id in decided:
                change["cause"] = "prioritisation"
            yield change


def _identity_changes(
    identities: Iterable[Row], before: dict[str, Row], after: dict[str, Row]
) -> Iterable[Change]:
    for row in identities:
        if row["old_person_id"] in before or row["person_id"] in after:
            old, new = before.get(row["old_person_id"]), after.get(row["person_id"])
            change = _change(row["change"], row["person_id"], old, new)
            yield change | {"cause": "linkage", "old_person_id": row["old_person_id"]}


def _change(kind: str, person_id: str, before: Row | None, after: Row | None) -> Change:
    return {"person_id": person_id, "change": kind, "before": _line(before), "after": _line(after)}


def _whole_effect(change: Change) -> dict[str, Any]:
    """The one cause with all of the change's effect; see docs/changes.md for the form."""
    before, after = change["before"] or {}, change["after"] or {}
    return {
        "cause": change["cause"],
        "points": after.get("total_points", 0) - before.get("total_points", 0),
        "rank_before": before.get("rank"),
        "rank_after": after.get("rank"),
        "detail_nb": "",
        "detail_en": "",
    }


def _line(row: Row | None) -> dict[str, Any] | None:
    return row and {key: row[key] for key in ("rank", "total_points", "proposed_status", "status")}


def _place(change: Change) -> int:
    line = change["after"] or change["before"]
    return int(line["rank"]) if line else 0
