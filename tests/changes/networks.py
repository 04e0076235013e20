"""Networks as a centre was sent them, and what became of one."""

from collections.abc import Mapping

import pyarrow as pa
from akrim.changes import group_changes

Networks = Mapping[str, tuple[str, dict[str, int]]]
ROLES = {"bankruptcy": "intention", "phoenix": "intention", "active_enterprises": "capacity"}


def sent(
    networks: Networks, statuses: Mapping[str, str] | None = None, told: Mapping[str, str] | None = None
) -> dict[str, pa.Table]:
    """The tables of a centre: by network its enterprises, a letter each, and its points by rule.

    Args:
        statuses: what the team has decided, by network.
        told: networks that are on no list, with their enterprises.
    """
    lines, members, observed = [], [], []
    for rank, (network, (enterprises, points)) in enumerate(networks.items(), start=1):
        capacity = sum(number for code, number in points.items() if ROLES[code] == "capacity")
        # As in points_of_groups: capacity counts from some points of intention on.
        intention = sum(points.values()) - capacity
        capacity = capacity if intention >= 10 else 0
        lines.append(
            {
                "network_id": network,
                "rank": rank,
                "total_points": intention + capacity,
                "capacity_points": capacity,
                "proposed_status": "trusselaktor" if intention >= 20 else "potensiell_trusselaktor",
            }
        )
        members += [
            {"network_id": network, "member_kind": "enterprise", "member_id": orgnr} for orgnr in enterprises
        ]
        observed += [
            {"group_id": network, "indicator_code": code, "dimension": ROLES[code], "points": number,
             "persons": 1 if ROLES[code] == "intention" else None}
            for code, number in points.items()
        ]  # fmt: skip
    members += [
        {"network_id": network, "member_kind": "enterprise", "member_id": orgnr}
        for network, enterprises in (told or {}).items()
        for orgnr in enterprises
    ]
    decided = [
        {"group_id": group, "status": status, "is_standing": True}
        for group, status in (statuses or {}).items()
    ]
    tables = {
        "network_assessments": lines, "network_members": members, "group_observations": observed, "group_decisions": decided,
    }  # fmt: skip
    return {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}


def kinds(before: Networks, after: Networks) -> set[tuple[str, ...]]:
    found = group_changes(sent(before), sent(after))
    return {
        (c["change"], c["group_id"], *([c["old_group_id"]] if "old_group_id" in c else [])) for c in found
    }


TEN, TWENTY = {"bankruptcy": 10}, {"bankruptcy": 20}
