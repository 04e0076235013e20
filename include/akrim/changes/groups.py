"""What became of the networks and enterprises on a centre's lists, from what the centre was sent before to what it is sent now.

A network is no record: it is followed by its enterprises to the network that has most of them now. Its points are told by rule; what
caused them is told of the persons in it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from akrim.changes.listing import FIELDS, Change

Tables = Mapping[str, pa.Table]
Line = dict[str, Any]
Heirs = Mapping[str, list[str]]

ORDER = ("entered", "left", "rose", "fell", "status", "merged", "split", "renamed")
LISTS = {"network_assessments": ("network", "network_id"), "enterprise_assessments": ("enterprise", "orgnr")}


def group_changes(before: Tables, after: Tables) -> list[Change]:
    """Every change of a group on the lists, in a fixed order, as docs/changes.md describes it.

    Args:
        before, after: the tables as sent to the centre; those that it did not have are left out.
    """
    was, now = _lines(before), _lines(after)
    heirs = network_heirs(before, after)
    origins = _origins(was, now, heirs)
    found = [
        *_arrivals_and_departures(was, now, heirs, origins),
        *_movements(was, now, origins),
        *_successions(was, now, heirs, origins),
    ]
    rules = _points_by_rule(before), _points_by_rule(after)
    return [
        {**change, "rules": _rules(change, *rules)}
        for change in sorted(found, key=lambda c: (ORDER.index(c["change"]), c["group_kind"], c["group_id"]))
    ]


def network_heirs(before: Tables, after: Tables) -> dict[str, list[str]]:
    """The networks that have enterprises of each earlier one now, the one with most of them first."""
    present: dict[str, str] = {
        orgnr: network for network, enterprises in _enterprises(after).items() for orgnr in enterprises
    }
    heirs = {}
    for network, enterprises in sorted(_enterprises(before).items()):
        shares = Counter(present[orgnr] for orgnr in enterprises if orgnr in present)
        heirs[network] = sorted(shares, key=lambda heir: (-shares[heir], heir != network, heir))
    return heirs


def moved_networks(earlier: list[dict[str, Any]], before: Tables, after: Tables) -> list[dict[str, Any]]:
    """An entry for every network id that was ever sent to the centre and stands for another network now, several, or none.

    Args:
        earlier: these entries of the release before.
    """
    heirs = network_heirs(before, after)
    present = set(_enterprises(after))
    known = {entry["old_network_id"]: entry["network_ids"] for entry in earlier}
    known |= {network: [network] for network in heirs}
    found = []
    for old_id, stood_for in sorted(known.items()):
        now = sorted({heir for network in stood_for for heir in heirs.get(network, [])} & present)
        if now != [old_id]:
            kind = "left" if not now else "renamed" if len(now) == 1 else "split"
            found.append({"old_network_id": old_id, "kind": kind, "network_ids": now})
    return found


def _enterprises(tables: Tables) -> dict[str, set[str]]:
    """The enterprises that the centre is told of, by network."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(tables, "network_members"):
        if row["network_id"] is not None and row["member_kind"] == "enterprise":
            found[row["network_id"]].add(row["member_id"])
    return found


def _lines(tables: Tables) -> dict[str, Line]:
    """The lists' lines by group, with the status that the centre has given; none where the points are not told."""
    statuses = {
        row["group_id"]: row["status"] for row in _rows(tables, "group_decisions") if row["is_standing"]
    }
    return {
        row[key]: {"group_kind": kind, "status": statuses.get(row[key])}
        | {name: row[name] for name in FIELDS if name != "status"}
        for table, (kind, key) in LISTS.items()
        for row in _rows(tables, table)
        if row[key] is not None and row["total_points"] is not None
    }


def _origins(was: Mapping[str, Line], now: Mapping[str, Line], heirs: Heirs) -> dict[str, str]:
    """The earlier group that each one now listed is: the same id, or else the first on the list that it has most of."""
    found = {}
    for old_id in sorted(was, key=lambda group: -was[group]["rank"]):
        first = heirs.get(old_id, [])[:1]
        if old_id not in now and first and first[0] in now:
            found[first[0]] = old_id
    return found | {group_id: group_id for group_id in now if group_id in was}


def _arrivals_and_departures(
    was: Mapping[str, Line], now: Mapping[str, Line], heirs: Heirs, origins: Mapping[str, str]
) -> Iterator[Change]:
    for group_id, line in now.items():
        if group_id not in origins:
            yield _change("entered", group_id, None, line)
    for old_id, line in was.items():
        if not {old_id, *heirs.get(old_id, [])} & now.keys():
            yield _change("left", old_id, line, None)


def _movements(
    was: Mapping[str, Line], now: Mapping[str, Line], origins: Mapping[str, str]
) -> Iterator[Change]:
    for group_id, old_id in origins.items():
        old, line = was[old_id], now[group_id]
        if line["total_points"] != old["total_points"]:
            kind = "rose" if line["total_points"] > old["total_points"] else "fell"
            yield _change(kind, group_id, old, line, old_id)
        if (line["status"], line["proposed_status"]) != (old["status"], old["proposed_status"]):
            yield _change("status", group_id, old, line, old_id)


def _successions(
    was: Mapping[str, Line], now: Mapping[str, Line], heirs: Heirs, origins: Mapping[str, str]
) -> Iterator[Change]:
    for old_id, line in was.items():
        for place, group_id in enumerate(heirs.get(old_id, [])):
            if group_id == old_id or group_id not in now:
                continue
            if origins.get(group_id) == old_id:
                yield _change("renamed", group_id, line, now[group_id], old_id)
            elif place == 0:
                yield _change("merged", group_id, line, now[group_id], old_id)
            elif group_id not in was:
                yield _change("split", group_id, line, now[group_id], old_id)


def _change(
    kind: str, group_id: str, before: Line | None, after: Line | None, old_id: str | None = None
) -> Change:
    fields = [{name: line[name] for name in FIELDS} if line else None for line in (before, after)]
    change = {"group_kind": (after or before or {})["group_kind"], "group_id": group_id, "change": kind}
    change |= {"before": fields[0], "after": fields[1]}
    return change | ({"old_group_id": old_id} if old_id not in (None, group_id) else {})


def _points_by_rule(tables: Tables) -> dict[str, dict[str, int]]:
    """What counts in a group's points: capacity only where the line has any."""
    counts = {
        row[key]: row["capacity_points"] > 0
        for table, (_, key) in LISTS.items()
        for row in _rows(tables, table)
        if row[key] is not None and row["capacity_points"] is not None
    }
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in _rows(tables, "group_observations"):
        if row["points"] and (row["dimension"] == "intention" or counts.get(row["group_id"])):
            found[row["group_id"]][row["indicator_code"]] = row["points"]
    return found


def _rules(
    change: Change, before: Mapping[str, Mapping[str, int]], after: Mapping[str, Mapping[str, int]]
) -> list[dict[str, Any]]:
    """What each rule adds or takes, which sums up to the difference of the points."""
    group_id = change["group_id"]
    was = before.get(change.get("old_group_id") or group_id, {}) if change["before"] else {}
    now = after.get(group_id, {}) if change["after"] else {}
    points = {code: now.get(code, 0) - was.get(code, 0) for code in sorted({*was, *now})}
    return [{"indicator_code": code, "points": added} for code, added in points.items() if added]


def _rows(tables: Tables, name: str) -> list[dict[str, Any]]:
    """A table's rows; none where the centre was not sent it."""
    rows: list[dict[str, Any]] = tables[name].to_pylist() if name in tables else []
    return rows
