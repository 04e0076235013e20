"""What stands in the installation of three years."""

from datetime import date
from typing import Any

import psycopg
from akrim import expiry
from psycopg import sql


def rows(warehouse: str, query: str) -> list[Any]:
    with psycopg.connect(warehouse) as connection:
        return connection.execute(query.encode()).fetchall()


def landed(warehouse: str, extract: str = "personer", key: str = "person_lopenr") -> list[tuple[str, str]]:
    return rows(warehouse, f"select delivery_id, {key} from landing.politiet_{extract} order by 1, 2")


def states(warehouse: str, on: date) -> dict[str, expiry.CategoryState]:
    with psycopg.connect(warehouse) as connection:
        return {state.limit.category: state for state in expiry.survey(connection, on)}


def snapshot(warehouse: str) -> dict[str, list[Any]]:
    """Every row of landing, linkage, marts and quarantine."""
    with psycopg.connect(warehouse) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('landing', 'linkage', 'marts', 'quarantine')"
            " and tablename !~ '__' order by 1, 2"
        ).fetchall()
        return {
            ".".join(name): connection.execute(
                sql.SQL("select to_jsonb(t)::text from {} as t order by 1").format(sql.Identifier(*name))
            ).fetchall()
            for name in tables
        }
