"""Writes a run's result: closes memberships and findings that changed, and adds new ones, new ids and figures.

Only rows that differ are written, in the caller's transaction.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow.csv import WriteOptions, write_csv

from akrim.linkage.engine import tables
from akrim.linkage.store.postgres import FINDING_COLUMNS, PAIR_KEYS


@tables(
    reads="assigned closing_findings closing_memberships drifts figures holders_before id_changes membership opening_findings"
    " opening_memberships"
)
def save(connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, release_id: str) -> None:
    """Close what changed, add what is new, and add new ids and their history."""
    for table, keys in (("memberships", RECORD_KEYS), ("findings", PAIR_KEYS)):
        _close(connection, table, keys, con.sql(CLOSED[table]), release_id)
    for (table, columns), query in OPENED.items():
        with _indexes_last(connection, table):
            _copy(connection, _columns_of(table, columns), con.sql(query, params=[release_id]))
    connection.execute(
        "insert into linkage.person_ids select person_id from linkage.persons where release_id = %s"
        " on conflict do nothing",
        [release_id],
    )
    # Whom an old id stands for is asked all day: without these, PostgreSQL reads all memberships each time.
    connection.execute(
        "analyze linkage.memberships (source, source_record_id, person_id, valid_from_release, valid_to_release)"
    )


ROWS_AT_ONCE = 50_000

RECORD_KEYS = ("source", "source_record_id")
MEMBERSHIP_COLUMNS = (
    "source", "extract", "source_record_id", "content_digest", "person_id", "link_kind", "match_weight",
    "same_number_as",
    "has_borrowed_number",
)  # fmt: skip
CLOSED = {
    "memberships": "select source, source_record_id from closing_memberships order by all",
    "findings": (
        "select source_l, source_record_id_l, source_r, source_record_id_r from closing_findings order by all"
    ),
}
# The target of each kind of new row, its columns and DuckDB's query; the release is always the last column.
OPENED = {
    ("memberships", (*MEMBERSHIP_COLUMNS, "valid_from_release")): (
        f"select {', '.join(MEMBERSHIP_COLUMNS)}, ?"  # noqa: S608  # the columns above, for DuckDB
        " as release_id from opening_memberships order by source, source_record_id"
    ),
    ("findings", (*FINDING_COLUMNS, "valid_from_release")): (
        f"select {', '.join(FINDING_COLUMNS)}, ?"  # noqa: S608  # constants of postgres.py, for DuckDB
        " as release_id from opening_findings order by all"
    ),
    ("persons", ("person_id", "first_record_key", "release_id")): (
        "select a.person_id, min(m.record_key), ? as release_id from assigned a join membership m using (cluster_id)"
        " where a.is_new group by a.person_id order by a.person_id"
    ),
    ("person_id_history", ("old_person_id", "person_id", "change", "release_id")): (
        "select old_person_id, person_id, change, ? as release_id from id_changes order by all"
    ),
    ("given_away", ("source", "extract", "source_record_id", "person_id", "release_id")): (
        "select source, extract, source_record_id, person_id, ? as release_id from holders_before order by all"
    ),
    ("quality", ("measure", "subgroup", "estimate", "low", "high", "support", "note", "release_id")): (
        "select *, ? as release_id from figures order by measure, subgroup"
    ),
    ("drift", ("measure", "item", "expected", "actual", "drift", "note", "release_id")): (
        "select *, ? as release_id from drifts order by measure, item"
    ),
}


@contextmanager
def _indexes_last(connection: psycopg.Connection, table: str) -> Iterator[None]:
    """Into an empty table all comes at once: its indexes, but for those that are constraints, are made when the block ends."""
    first = sql.SQL("select 1 from {} limit 1").format(sql.Identifier("linkage", table))
    is_empty = connection.execute(first).fetchone() is None
    indexes = connection.execute(INDEXES, [f"linkage.{table}"]).fetchall() if is_empty else []
    for name, _ in indexes:
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier("linkage", name)))
    yield
    for _, definition in indexes:
        connection.execute(definition)


INDEXES = """
select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = %s::regclass and not exists (select 1 from pg_constraint t where t.conindid = i.indexrelid)
order by c.relname
"""


def record_run(
    connection: psycopg.Connection,
    release_id: str,
    base_release_id: str | None,
    model: str,
    counts: dict[str, Any],
) -> str:
    """Record that this release was linked, in counts only; returns the run's unique token."""
    ((token,),) = connection.execute(
        "insert into linkage.runs (release_id, base_release_id, model, counts, last_decision_id) values (%s, %s, %s, %s,"
        " (select last_decision_id from meta.releases where release_id = %s)) returning token::text",
        [release_id, base_release_id, model, json.dumps(counts, sort_keys=True), release_id],
    ).fetchall()
    return str(token)


def _close(
    connection: psycopg.Connection,
    table: str,
    keys: tuple[str, ...],
    found: duckdb.DuckDBPyRelation,
    release_id: str,
) -> None:
    declared = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(key)) for key in keys)
    connection.execute(sql.SQL("create temp table closing ({}) on commit drop").format(declared))
    _copy(connection, sql.Identifier("closing"), found)
    connection.execute("analyze closing")  # else all that stands would be hashed, for the sake of a few
    connection.execute(
        sql.SQL(
            "update {} t set valid_to_release = %s from closing c where t.valid_to_release is null and ({}) = ({})"
        ).format(
            sql.Identifier("linkage", table),
            sql.SQL(", ").join(sql.Identifier("t", key) for key in keys),
            sql.SQL(", ").join(sql.Identifier("c", key) for key in keys),
        ),
        [release_id],
    )
    connection.execute("drop table closing")


def _columns_of(table: str, columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL("{} ({})").format(
        sql.Identifier("linkage", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )


def _copy(connection: psycopg.Connection, target: sql.Composable, found: duckdb.DuckDBPyRelation) -> None:
    """Add the relation's rows, a block at once: all of a first run's are as many as there are records."""
    adding = sql.SQL("copy {} from stdin (format csv)").format(target)
    with connection.cursor() as cursor, cursor.copy(adding) as copy:
        for block in found.to_arrow_reader(ROWS_AT_ONCE):
            written = pa.BufferOutputStream()
            write_csv(block, written, WriteOptions(include_header=False))
            copy.write(memoryview(written.getvalue()))
