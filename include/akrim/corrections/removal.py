"""Which correction cases nothing rests on any more, and their removal; how long a case is kept, the caller knows."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from akrim.contracts import load_contracts

Record = tuple[str, str, str]


class CaseRows(NamedTuple):
    """A case: the day of its newest event (UTC), its rows, why it stays in any case, and whom it is about."""

    case_id: str
    recorded_at: date
    rows: int
    needed: str
    records: frozenset[Record]


def case_rows(connection: psycopg.Connection) -> list[CaseRows]:
    """Every case, oldest first. One stays while it is open, its row is kept or its verdict is."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(FOUND).fetchall()
    kept = _kept(connection, {(case["agency"], case["extract"], case["source_row_id"]) for case in found})
    return [
        CaseRows(case["case_id"], case["recorded_at"], case["rows"], _needed(case, kept), _records(case))
        for case in found
    ]


def forget_case(connection: psycopg.Connection, case_id: str) -> int:
    """Remove a case with its reasons; returns how many rows went. Its number is not given again."""
    return connection.execute("delete from meta.corrections where case_id = %s", [case_id]).rowcount


def _needed(case: dict[str, object], kept: set[Record]) -> str:
    if not case["is_closed"]:
        return "is open"
    if (case["agency"], case["extract"], case["source_row_id"]) in kept:
        return "the disputed row is kept"
    return "its verdict is kept" if case["has_verdict"] else ""


def _records(case: dict[str, object]) -> frozenset[Record]:
    extract = str(case["extract"])
    own = (str(case["agency"]), extract, str(case["source_row_id"]))
    return frozenset({own, (str(case["person_source"]), extract, str(case["person_source_record_id"]))})


def _kept(connection: psycopg.Connection, rows: Iterable[Record]) -> set[Record]:
    """Those of the rows that are still kept as delivered, in whichever delivery."""
    keys: dict[tuple[str, str], list[str]] = {}
    for agency, extract, key in rows:
        keys.setdefault((agency, extract), []).append(key)
    return {
        (extract.agency, extract.name, key)
        for contract in load_contracts().values()
        for extract in contract.extracts
        if (extract.agency, extract.name) in keys
        for (key,) in connection.execute(
            sql.SQL("select distinct {key} from landing.{table} where {key} = any(%s)").format(
                key=sql.Identifier(extract.key.name), table=sql.Identifier(extract.table)
            ),
            [keys[extract.agency, extract.name]],
        ).fetchall()
    }


FOUND = """
select case_id, max(recorded_at at time zone 'UTC')::date as recorded_at, count(*) as rows,
    bool_or(event <> 'opened') as is_closed, min(agency) as agency, min(extract) as extract, min(source_row_id) as source_row_id,
    min(person_source) as person_source, min(person_source_record_id) as person_source_record_id,
    exists (
        select from linkage.link_decisions as d where d.decision_id = any(array_agg(c.decision_id))
    ) as has_verdict
from meta.corrections as c group by case_id order by 2, 1
"""
