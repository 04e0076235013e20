"""Finds and removes the correction cases that nothing rests on any more; the caller says how long a case is kept."""

from datetime import date
from typing import NamedTuple

import psycopg

from akrim.corrections.pinned import forget_pinned
from akrim.deliveries.removal import Record, still_delivered
from akrim.warehouse import read_rows


class CaseRows(NamedTuple):
    """A case: the day of its newest event (UTC), its rows, why it stays in any case, and the records (agency, key) that it is about."""

    case_id: str
    recorded_at: date
    rows: int
    needed: str
    records: frozenset[tuple[str, str]]


def case_rows(connection: psycopg.Connection) -> list[CaseRows]:
    """Every case, oldest first. One stays while it is open, its row is kept or its verdict is."""
    found = read_rows(connection, FOUND)
    kept = still_delivered(
        connection, {(case["agency"], case["extract"], case["source_row_id"]) for case in found}
    )
    return [
        CaseRows(case["case_id"], case["recorded_at"], case["rows"], _needed(case, kept), _records(case))
        for case in found
    ]


def forget_case(connection: psycopg.Connection, case_id: str) -> int:
    """Remove a case with its reasons; returns how many rows went. Its number is not given again."""
    forget_pinned(connection, [case_id])
    return connection.execute("delete from meta.corrections where case_id = %s", [case_id]).rowcount


def verdicts_of_open_cases(connection: psycopg.Connection) -> frozenset[int]:
    """The numbers of the verdicts that open cases have brought about."""
    return frozenset(row[0] for row in connection.execute(OF_OPEN_CASES).fetchall())


def _needed(case: dict[str, object], kept: set[Record]) -> str:
    if not case["is_closed"]:
        return "is open"
    if (case["agency"], case["extract"], case["source_row_id"]) in kept:
        return "the disputed row is kept"
    return "its verdict is kept" if case["has_verdict"] else ""


def _records(case: dict[str, object]) -> frozenset[tuple[str, str]]:
    """The disputed row, which may be a record, and the record of who disputes it, which may be of another extract."""
    own = (str(case["agency"]), str(case["source_row_id"]))
    return frozenset({own, (str(case["person_source"]), str(case["person_source_record_id"]))})


FOUND = """
select case_id, max(recorded_at at time zone 'Europe/Oslo')::date as recorded_at, count(*) as rows,
    bool_or(event <> 'opened') as is_closed, min(agency) as agency, min(extract) as extract, min(source_row_id) as source_row_id,
    min(person_source) as person_source, min(person_source_record_id) as person_source_record_id,
    exists (
        select from linkage.link_decisions as d where d.removed_sha256 is null and d.decision_id = any(array_agg(c.decision_id))
    ) as has_verdict
from meta.corrections as c group by case_id order by 2, 1
"""
OF_OPEN_CASES = """
select decision_id from meta.corrections as c where decision_id is not null and not exists (
    select from meta.corrections as later where later.case_id = c.case_id and later.event <> 'opened'
)
"""
