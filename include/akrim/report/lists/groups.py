"""The lists of networks and of enterprises: one entry of finished texts per group, as the decision form asks about it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from akrim.contracts import DISMISSED
from akrim.report.profile.facts import Row, rows_by
from akrim.report.wording import Words, clean
from akrim.sharing import Tables

# So many of a network's enterprises, and of the members, are named; the report and the data have more.
MAX_NAMED = 4


def build_groups(tables: Tables, listed: Mapping[str, str], words: Words) -> list[dict[str, Any]]:
    """Networks first, then enterprises, each in their order.

    Args:
        listed: the names of those on the centre's list, by person_id.
    """
    names = names_of_groups(tables)
    statuses = statuses_of_groups(tables)
    members = rows_by(tables["group_members"], "group_id")
    told = (
        *((row, row["network_id"], enterprises) for row, enterprises in _networks(tables)),
        *(
            (row, row["orgnr"], [row["orgnr"]])
            for row in _in_order(tables["enterprise_assessments"].to_pylist())
        ),
    )
    return [
        {
            "place": row["rank"],
            "kind": "network" if "network_id" in row else "enterprise",
            "group_id": group_id,
            "enterprises": " ".join(enterprises),
            "name": _name(row, names.get(group_id) or group_id, words),
            "members": some(
                [listed.get(m["person_id"], m["person_id"]) for m in _strongest(members[group_id])]
            ),
            "total": words.number(row["total_points"]),
            "total_points": row["total_points"],
            "shown_status": words.label("status", statuses.get(group_id, {}).get("status")),
            "status_code": statuses.get(group_id, {}).get("status") or row["proposed_status"],
            "proposed": words.label("status", row["proposed_status"]),
        }
        for row, group_id, enterprises in told
        if enterprises
    ]


def names_of_listed(ranking: Iterable[Mapping[str, Any]], words: Words) -> dict[str, str]:
    """The names of those on the list by id; whom the centre has dismissed is marked."""
    dismissed = words.label("status", DISMISSED).lower()
    return {
        entry["person_id"]: f"{entry['name']} ({dismissed})" if entry["is_dismissed"] else entry["name"]
        for entry in ranking
    }


def statuses_of_groups(tables: Tables) -> dict[str, Row]:
    """The decision that gives each network or enterprise its status at the centre, by its id."""
    return {row["group_id"]: row for row in tables["group_decisions"].to_pylist() if row["is_standing"]}


def names_of_groups(tables: Tables) -> dict[str, str]:
    """What the centre is told that each network's first enterprises, and each enterprise, are called.

    Of a network with how many enterprises more it has, also where the centre is not told which; two of one name there have their numbers.
    """
    names = {row["orgnr"]: clean(row["enterprise_name"]) for row in tables["enterprises"].to_pylist()}
    return names | {
        row["network_id"]: some(_told_apart(enterprises, names), row["enterprises"])
        for row, enterprises in _networks(tables)
        if enterprises
    }


def _told_apart(enterprises: Sequence[str], names: Mapping[str, str]) -> list[str]:
    called = [names.get(orgnr) or orgnr for orgnr in enterprises]
    times = Counter(called)
    return [
        f"{name} ({orgnr})" if times[name] > 1 else name
        for name, orgnr in zip(called, enterprises, strict=True)
    ]


def some(names: list[str], in_all: int | None = None) -> str:
    """The first of them, and how many more there are; `in_all` where there are more than may be named."""
    beside = max(len(names), in_all or 0) - min(len(names), MAX_NAMED)
    return ", ".join(names[:MAX_NAMED]) + (f" +{beside}" if beside > 0 else "")


def _networks(tables: Tables) -> Iterable[tuple[Row, list[str]]]:
    """Each network with the enterprises of it that the centre is told of."""
    members = rows_by(tables["network_members"], "network_id")
    for row in _in_order(tables["network_assessments"].to_pylist()):
        yield (
            row,
            sorted(m["member_id"] for m in members[row["network_id"]] if m["member_kind"] == "enterprise"),
        )


def _in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["rank"])


def _strongest(members: list[Row]) -> list[Row]:
    return sorted(members, key=lambda m: (-m["intention_points"], m["person_id"]))


def _name(row: Row, name: str, words: Words) -> str:
    if "network_id" not in row:
        return f"{name} ({row['orgnr']})"
    return f"{words.label('network_kind', row['kind']) or words('network')}: {name}"
