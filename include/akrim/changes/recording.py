"""Writes and reads marts.release_changes: one row per change and cause."""

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from akrim.changes.listing import Change
from akrim.changes.wording import DETAILS, FACTS
from akrim.ledger import Pins
from akrim.warehouse import read_rows

PREVIOUS, LAST_PERIOD = "previous", "last_period"

COPY = """
copy marts.release_changes (
    release_id, comparison, previous_release_id, centre_id, change_number, cause_number, person_id, change, cause,
    points, rank_before, rank_after, detail
) from stdin
"""
# What a cause changed: as facts, and in words.
TOLD = (*FACTS, *DETAILS)
CHANGE_FIELDS = ("before", "after", "old_person_id", "points_before", "points_after")


def record(
    connection: psycopg.Connection,
    release_id: str,
    compared: dict[str, str | None],
    found: dict[str, dict[str, list[Change]]],
) -> None:
    """Replace the release's rows.

    Args:
        compared: by kind of comparison, the release compared with.
        found: by kind of comparison and centre, the changes in order.
    """
    connection.execute("delete from marts.release_changes where release_id = %s", [release_id])
    with connection.cursor().copy(COPY) as copy:
        for comparison, centres in found.items():
            for centre_id, changes in centres.items():
                for number, change in enumerate(changes, start=1):
                    about = (release_id, comparison, compared[comparison], centre_id, number)
                    for row in _rows(change):
                        copy.write_row((*about, *row))


def _rows(change: Change) -> list[tuple[Any, ...]]:
    """One row per cause; a change without effects still has one row."""
    causes = change["causes"] or [
        {"cause": change["cause"], "points": 0, "rank_before": None, "rank_after": None}
    ]
    shared = {key: change[key] for key in CHANGE_FIELDS if key in change} | {"main_cause": change["cause"]}
    if change.get("is_all"):
        shared["is_all"] = True
    return [
        (
            number if change["causes"] else 0,
            change["person_id"], change["change"], cause["cause"],
            cause["points"], cause["rank_before"], cause["rank_after"],
            Jsonb(shared | {key: cause[key] for key in TOLD if key in cause}),
        )
        for number, cause in enumerate(causes, start=1)
    ]  # fmt: skip


def count_changes(connection: psycopg.Connection, release_id: str) -> list[tuple[str, str, str, int]]:
    """How many changes since the previous release there are, by centre, change and main cause ("" where none is known)."""
    return connection.execute(
        "select centre_id, change, coalesce(detail ->> 'main_cause', ''), count(*) from marts.release_changes"
        " where release_id = %s and comparison = %s and cause_number <= 1 group by 1, 2, 3 order by 1, 4 desc, 2, 3",
        [release_id, PREVIOUS],
    ).fetchall()


def count_changed_persons(connection: psycopg.Connection, release_id: str) -> dict[str, int]:
    """How many persons changed since the previous release, by centre; one person may change in several ways."""
    query = (
        "select centre_id, count(distinct person_id) from marts.release_changes"
        " where release_id = %s and comparison = %s group by centre_id"
    )
    return dict(connection.execute(query, [release_id, PREVIOUS]).fetchall())


def told_as_one(connection: psycopg.Connection, pins: Pins) -> list[str]:
    """The earlier releases since which all changes have one cause, since they could not be assessed again with one input changed at a time."""
    compared = {PREVIOUS: pins.previous_release_id, LAST_PERIOD: pins.last_period_release_id}
    found = connection.execute(
        "select distinct comparison from marts.release_changes where release_id = %s and detail ? 'is_all'",
        [pins.release_id],
    ).fetchall()
    return [earlier for comparison, earlier in compared.items() if earlier and (comparison,) in found]


def changes_of(
    connection: psycopg.Connection, release_id: str, comparison: str, centre_id: str
) -> list[Change]:
    """A centre's changes as docs/changes.md describes them, in order."""
    rows = read_rows(
        connection,
        "select * from marts.release_changes where release_id = %s and comparison = %s and centre_id = %s"
        " order by change_number, cause_number",
        [release_id, comparison, centre_id],
    )
    changes: dict[int, Change] = {}
    for row in rows:
        detail = row["detail"]
        change = changes.setdefault(
            row["change_number"],
            {
                "person_id": row["person_id"],
                "change": row["change"],
                **{key: detail[key] for key in CHANGE_FIELDS if key in detail},
                "cause": detail["main_cause"],
                "causes": [],
            },
        )
        if row["cause_number"]:
            change["causes"].append(
                {key: row[key] for key in ("cause", "points", "rank_before", "rank_after")}
                | {key: detail[key] for key in TOLD if key in detail}
            )
    return list(changes.values())
