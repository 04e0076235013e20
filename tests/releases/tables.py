"""Marts and seeds as dbt lays them, without dbt: tables with the columns that it states, and rows one by one."""

import csv
from pathlib import Path
from typing import Any

import psycopg
from akrim.rules import catalogue
from psycopg import sql

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
BOOLEANS = (
    "is_leading",
    "is_penalty",
    "is_conviction",
    "is_dropped",
    "is_dropped_for_evidence",
    "speaks_for_person",
    "of_listed",
)
NUMBERS = (
    "version",
    "definition_version",
    "minimum_intention_points",
    "minimum_capacity_points",
    "minimum_areas",
    "days",
    "stale_after_days",
)


def create_marts(connection: psycopg.Connection, *names: str) -> None:
    """These marts, or all, empty and with the columns that dbt's contracts give them."""
    documents = catalogue.mart_documents()
    for name in names or documents:
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(column["name"]), sql.SQL(column["data_type"]))
            for column in documents[name]["columns"]
        ]
        connection.execute(
            sql.SQL("create table if not exists marts.{} ({})").format(
                sql.Identifier(name), sql.SQL(", ").join(columns)
            )
        )


def add(connection: psycopg.Connection, table: str, **values: Any) -> None:
    """Insert one row into a mart."""
    query = sql.SQL("insert into marts.{} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(sql.Placeholder() * len(values)),
    )
    connection.execute(query, list(values.values()))


def lay_seeds(connection: psycopg.Connection) -> None:
    """All seeds with their rows."""
    for path in sorted(SEEDS.glob("*.csv")):
        _seed(connection, path)


def _seed(connection: psycopg.Connection, path: Path) -> None:
    with path.open(encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        rows = list(reader)
    types = {
        name: "boolean" if name in BOOLEANS else "integer" if name in NUMBERS else "text"
        for name in reader.fieldnames or ()
    }
    table = sql.Identifier("seeds", path.stem)
    columns = sql.SQL(", ").join(
        sql.SQL("{} " + kind).format(sql.Identifier(name)) for name, kind in types.items()
    )
    connection.execute(sql.SQL("create table {} ({})").format(table, columns))
    with connection.cursor().copy(sql.SQL("copy {} from stdin").format(table)) as copy:
        for row in rows:
            copy.write_row([value or None for value in row.values()])
