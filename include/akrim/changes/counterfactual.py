"""Tables for "what if": in a schema that exists only within one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

# Not temporary tables: those have a few MiB of buffers, which a query on many large ones runs out of.
SCHEMA = "counterfactual"


@contextmanager
def counterfactual_schema(connection: psycopg.Connection) -> Iterator[None]:
    """A context in which `create_table` works; the schema is dropped at its end."""
    schema = sql.Identifier(SCHEMA)
    connection.execute("select meta.plan_for_sets()")  # as dbt builds its models
    connection.execute(sql.SQL("create schema {}").format(schema))
    yield
    connection.execute(sql.SQL("drop schema {} cascade").format(schema))


def create_table(
    connection: psycopg.Connection, name: str, query: str, parameters: dict[str, Any] | None = None
) -> None:
    """Lay the query's rows as a table of the schema `SCHEMA`."""
    table = sql.Identifier(SCHEMA, name)
    statement = sql.SQL("create unlogged table {} as ").format(table).as_bytes() + query.encode()
    connection.execute(statement, parameters)
    connection.execute(sql.SQL("analyze {}").format(table))
