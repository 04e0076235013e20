"""Each mart says what was delivered, and the queries that hold it to that find where it does not."""

import psycopg
import pytest
from akrim.rules import mart_documents
from psycopg import sql

from tests.assessment.reconciling import QUERIES, lay_views, mismatch

RELEASE = "2025-T3.1"
# Held in a part alone: who is listed, who is considered, and who is anywhere at all.
IN_PART = {"named_persons", "release_persons", "persons_counted", "national_counts"}
REMOVE_ONE = "delete from marts.{0} where ctid in (select min(ctid) from marts.{0})"


def test_each_mart_is_held_against_something() -> None:
    assert set(QUERIES) == set(mart_documents())


@pytest.mark.slow
def test_every_mart_reconciles_and_a_row_that_is_missing_is_found(world: str) -> None:
    """The second of each table that has rows in this world and is held against more than its own."""
    tables = "select tablename from pg_tables where schemaname = 'marts'"
    with psycopg.connect(world) as connection:
        lay_views(connection, RELEASE)
        assert [problem for mart in QUERIES if (problem := mismatch(connection, mart))] == []
        tried = []
        for (mart,) in connection.execute(tables).fetchall():
            if mart not in QUERIES.keys() - IN_PART or f" {mart}" in QUERIES[mart]["delivered"]:
                continue
            with connection.transaction(force_rollback=True):
                if connection.execute(sql.SQL(REMOVE_ONE).format(sql.Identifier(mart))).rowcount:
                    tried.append(mart)
                    assert mismatch(connection, mart), mart
    assert len(tried) > 15, tried
