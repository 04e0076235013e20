"""What became of the networks and enterprises on a centre's lists, from what the centre was sent before to what it is sent now.

A network is no record: it is followed by its enterprises to the network that has most of them now. Its points are told by rule and
by who brought them (group_shares.py); its causes are those of the persons and enterprises in it (group_causes.py).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from akrim.changes.group_causes import Members, PointChanges, causes_of_group, effects_on_persons
from akrim.changes.group_shares import Shares, difference, shares
from akrim.changes.listing import FIELDS, ORDER, Change, fields, movements

Tables = Mapping[str, pa.Table]
Line = dict[str, Any]
Heirs = Mapping[str, list[str]]

LISTS = {"network_assessments": ("network", "network_id"), "enterprise_assessments": ("enterprise", "orgnr")}


def group_changes(
    before: Tables, after: Tables, persons: Iterable[Change] = (), differing: Collection[str] = ()
) -> list[Change]:
    """Every change of a group on the lists with its causes, in a fixed order, as docs/changes.md describes it.

    Args:
        before, after: the tables as sent to the centre; those that it did not have are left out.
        persons: the changes of persons on the centre's list between the two.
        differing: the inputs that differ.
    """
    was, now = _lines(before), _lines(after)
    heirs = network_heirs(before, after)
    origins = _origins(was, now, heirs)
    found = [
        *_arrivals_and_departures(was, now, heirs, origins),
        *_movements(was, now, origins),
        *_successions(was, now, heirs, origins),
    ]
    ended = _ended(after)
    told = [
        {**change, **_end(change, ended)}
        for change in sorted(found, key=lambda c: (ORDER.index(c["change"]), c["group_kind"], c["group_id"]))
    ]
    return _with_causes(told, before, after, list(persons), differing)


def _with_causes(
    changes: list[Change], before: Tables, after: Tables, persons: list[Change], differing: Collection[str]
) -> list[Change]:
    """The changes with what each rule adds or takes, by whom, and with the causes of that."""
    effects = effects_on_persons(persons)
    moved_ids = {c["old_person_id"]: c["person_id"] for c in persons if c["change"] == "merged"}
    versions = [_versions(tables) for tables in (before, after)]
    changed_rules = frozenset(
        code for code in versions[0].keys() & versions[1] if versions[0][code] != versions[1][code]
    )
    parts_before, parts_after = _shares(before), _shares(after)
    was, now = _persons(before), _persons(after)
    nobody: frozenset[str] = frozenset()

    def told(change: Change) -> Change:
        group_id = change["group_id"]
        old_id = change.get("old_group_id") or group_id
        moved = difference(
            parts_before.get(old_id, {}) if change["before"] else {},
            parts_after.get(group_id, {}) if change["after"] else {},
            moved_ids,
        )
        members = Members(was.get(old_id, nobody), now.get(group_id, nobody))
        causes = causes_of_group(change, members, effects, differing, PointChanges(moved, changed_rules))
        return {**change, "rules": _rules(moved), "cause": causes[0]["cause"], "causes": causes}

    return [told(change) for change in changes]


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
    known = {entry["old_network_id"]: entry for entry in earlier}
    known |= {network: {"kind": "", "network_ids": [network]} for network in heirs}
    found = []
    for old_id, entry in sorted(known.items()):
        stood_for = entry["network_ids"]
        now = sorted({heir for network in stood_for for heir in heirs.get(network, [])} & present)
        if now != [old_id] and (now or old_id not in present):
            kind = _kind_of_move(entry, now, heirs)
            found.append({"old_network_id": old_id, "kind": kind, "network_ids": now})
    return found


def _kind_of_move(entry: Mapping[str, Any], now: list[str], heirs: Heirs) -> str:
    """What became of an id: taken in by a network that was there before, or since, counts as merged."""
    if len(now) != 1:
        return "split" if now else "left"
    is_taken_in = now[0] in heirs and now[0] not in entry["network_ids"]
    return "merged" if is_taken_in or entry["kind"] == "merged" else "renamed"


def _enterprises(tables: Tables) -> dict[str, set[str]]:
    """The enterprises that the centre is told of, by network."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(tables, "network_members"):
        if row["network_id"] is not None and row["member_kind"] == "enterprise":
            found[row["network_id"]].add(row["member_id"])
    return found


def _lines(tables: Tables) -> dict[str, Line]:
    """The lists' lines by group, with the status that the centre has given."""
    statuses = {
        row["group_id"]: row["status"] for row in _rows(tables, "group_decisions") if row["is_standing"]
    }
    return {
        row[key]: {"group_kind": kind, "status": statuses.get(row[key])}
        | {name: row[name] for name in FIELDS if name != "status"}
        for table, (kind, key) in LISTS.items()
        for row in _rows(tables, table)
        if row[key] is not None
    }


def _origins(was: Mapping[str, Line], now: Mapping[str, Line], heirs: Heirs) -> dict[str, str]:
    """The earlier group that each one now listed is: of those that it has most of, its own id, or else the first on the list."""
    found = {}
    for old_id in sorted(was, key=lambda group: (_heir(group, heirs) == group, -was[group]["rank"])):
        heir = _heir(old_id, heirs)
        if heir is not None and heir in now:
            found[heir] = old_id
    return found


def _heir(old_id: str, heirs: Heirs) -> str | None:
    """What an earlier group is now; an enterprise is itself."""
    return next(iter(heirs.get(old_id, [old_id])), None)


def _arrivals_and_departures(
    was: Mapping[str, Line], now: Mapping[str, Line], heirs: Heirs, origins: Mapping[str, str]
) -> Iterator[Change]:
    for group_id, line in now.items():
        if group_id not in origins:
            yield _change("entered", group_id, None, line)
    for old_id, line in was.items():
        if not set(heirs.get(old_id, [old_id])) & now.keys():
            yield _change("left", old_id, line, None)


def _movements(
    was: Mapping[str, Line], now: Mapping[str, Line], origins: Mapping[str, str]
) -> Iterator[Change]:
    for group_id, old_id in origins.items():
        old, line = was[old_id], now[group_id]
        for kind in movements(old, line):
            yield _change(kind, group_id, old, line, old_id)


def _successions(
    was: Mapping[str, Line], now: Mapping[str, Line], heirs: Heirs, origins: Mapping[str, str]
) -> Iterator[Change]:
    for old_id, line in was.items():
        for place, group_id in enumerate(heirs.get(old_id, [])):
            if group_id not in now:
                continue
            if origins.get(group_id) == old_id:
                kind = "renamed" if group_id != old_id else ""
            elif place == 0:
                kind = "merged"
            else:
                # What is left under the old id is a part, too, where most of the network has another now.
                kind = "split" if group_id not in heirs or group_id == old_id else ""
            if kind:
                yield _change(kind, group_id, line, now[group_id], old_id)


def _change(
    kind: str, group_id: str, before: Line | None, after: Line | None, old_id: str | None = None
) -> Change:
    change = {"group_kind": (after or before or {})["group_kind"], "group_id": group_id, "change": kind}
    change |= {"before": fields(before), "after": fields(after)}
    is_told = kind in {"merged", "split"} or old_id not in {None, group_id}
    return change | ({"old_group_id": old_id} if is_told else {})


def _ended(tables: Tables) -> dict[str, str]:
    """The day on which each enterprise that the centre is told of went bankrupt or was deleted."""
    days = {
        row["orgnr"]: [day for day in (row["bankruptcy_date"], row["deleted_date"]) if day]
        for row in _rows(tables, "enterprises")
    }
    return {orgnr: min(found).isoformat() for orgnr, found in days.items() if found}


def _end(change: Change, ended: Mapping[str, str]) -> dict[str, str]:
    """What no longer operates is on no list."""
    is_gone = change["change"] == "left" and change["group_id"] in ended
    return {"ended": ended[change["group_id"]]} if is_gone else {}


def _persons(tables: Tables) -> dict[str, frozenset[str]]:
    """Who counts for each group."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(tables, "group_members"):
        found[row["group_id"]].add(row["person_id"])
    return {group: frozenset(person_ids) for group, person_ids in found.items()}


def _points_by_rule(tables: Tables) -> dict[str, dict[str, int]]:
    """What counts in a group's points: capacity only where the line has any, which earlier releases gave of others too."""
    counts = {
        row[key]: row["capacity_points"] > 0
        for table, (_, key) in LISTS.items()
        for row in _rows(tables, table)
        if row[key] is not None
    }
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in _rows(tables, "group_observations"):
        if row["points"] and (row["dimension"] == "intention" or counts.get(row["group_id"])):
            found[row["group_id"]][row["indicator_code"]] = row["points"]
    return found


def _shares(tables: Tables) -> dict[str, Shares]:
    """Each group's points by rule and by who brought them."""
    alone = _rows(tables, "indicator_observations", ["person_id", "indicator_code", "points_alone"])
    return shares(
        _points_by_rule(tables), _rows(tables, "group_observations"), _rows(tables, "group_members"), alone
    )


def _versions(tables: Tables) -> dict[str, int | None]:
    """The version of each rule that found something about a group."""
    return {
        row["indicator_code"]: row.get("indicator_version") for row in _rows(tables, "group_observations")
    }


def _rules(moved: Shares) -> list[dict[str, Any]]:
    """What each rule adds or takes, which sums up to the difference of the points, and of that each person and the enterprises."""
    by_rule: dict[str, dict[str | None, int]] = defaultdict(dict)
    for (code, person_id), points in moved.items():
        by_rule[code][person_id] = points
    return [
        {
            "indicator_code": code,
            "points": sum(parts.values()),
            "persons": [
                {"person_id": person_id, "points": points}
                for person_id, points in sorted((p, n) for p, n in parts.items() if p is not None)
            ],
            "enterprises": parts.get(None, 0),
        }
        for code, parts in sorted(by_rule.items())
    ]


def _rows(tables: Tables, name: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """A table's rows; none where the centre was not sent it."""
    if name not in tables:
        return []
    rows: list[dict[str, Any]] = (tables[name].select(columns) if columns else tables[name]).to_pylist()
    return rows
