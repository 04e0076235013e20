"""Tables of what is only imagined: they live in a schema of their own for as long as one transaction, seen by nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

# The schema of what is only imagined. Not temporary tables: those have a few MiB of buffers for themselves, which a query
# on many large ones runs out of.
IMAGINED = "imagined"


@contextmanager
def imagining(connection: psycopg.Connection) -> Iterator[None]:
    """Within it tables can be laid with `lay_imagined`; nobody else sees them, and the transaction leaves none behind."""
    schema = sql.Identifier(IMAGINED)
    connection.execute(sql.SQL("create schema {}").format(schema))
    yield
    connection.execute(sql.SQL("drop schema {} cascade").format(schema))


def lay_imagined(
    connection: psycopg.Connection, name: str, query: str, parameters: dict[str, Any] | None = None
) -> None:
    """Lay the query's rows as a table of the schema IMAGINED."""
    table = sql.Identifier(IMAGINED, name)
    laying = sql.SQL("create unlogged table {} as ").format(table).as_bytes() + query.encode()
    connection.execute(laying, parameters)
    connection.execute(sql.SQL("analyze {}").format(table))
