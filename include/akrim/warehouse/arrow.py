"""Arrow in and out of the warehouse, by the driver that speaks PostgreSQL's binary COPY."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import psycopg

from akrim.warehouse.connection import url

if TYPE_CHECKING:
    import adbc_driver_postgresql.dbapi as adbc
    import pyarrow as pa
    from adbc_driver_manager import AdbcDatabase


@contextmanager
def arrow_cursor(address: str | None = None) -> Iterator["adbc.Cursor"]:
    """A cursor for several Arrow reads and writes in one transaction.

    Args:
        address: another one than the pipeline's, such as the analysts'.
    """
    # Both import pandas, which most commands do without.
    from adbc_driver_manager import AdbcConnection
    from adbc_driver_manager.dbapi import Connection

    database = _database(address or url())
    with Connection(database, AdbcConnection(database)) as connection, connection.cursor() as cursor:
        yield cursor
        connection.commit()


# Reading the types of a database with two thousand relations takes 0.16 s, connecting 0.002 s: so it is done once.
@lru_cache(maxsize=8)
def _database(address: str) -> "AdbcDatabase":
    """The driver's handle of a database, which knows its types and holds no connection."""
    from adbc_driver_manager import AdbcDatabase
    from adbc_driver_postgresql import _driver_path

    class KeptDatabase(AdbcDatabase):
        def close(self) -> None:
            """A connection that ends closes its handle; this one is the process's."""

    return KeptDatabase(driver=_driver_path(), uri=address)


def read_arrow(query: str | psycopg.sql.Composable, address: str | None = None) -> "pa.Table":
    """The rows of a query as an Arrow table; names and values are composed into the query, as its driver binds none."""
    with arrow_cursor(address) as cursor:
        cursor.execute(query if isinstance(query, str) else query.as_string())
        return cursor.fetch_arrow_table()


def write_arrow(
    data: "pa.Table | pa.RecordBatchReader",
    schema: str,
    table: str,
    mode: Literal["create", "append"] = "create",
) -> None:
    """Write Arrow data into a table by COPY, in one transaction."""
    with arrow_cursor() as cursor:
        cursor.adbc_ingest(table, data, mode=mode, db_schema_name=schema)
