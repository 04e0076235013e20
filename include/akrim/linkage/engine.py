"""One DuckDB connection for one linkage, bounded in memory, threads and spill.

In goes a limit, out comes a connection that is closed and whose spill folder is removed at the end. DuckDB holds no
state: every linkage starts from an empty database in memory.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class EngineLimits:
    """What one linkage may take of the machine."""

    memory: str = "4GB"
    threads: int = min(4, os.cpu_count() or 1)


DEFAULT_LIMITS = EngineLimits()


@contextmanager
def open_engine(
    limits: EngineLimits = DEFAULT_LIMITS,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A fresh in-memory database; what does not fit goes to a private folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="akrim-linkage-") as spill:
        con = duckdb.connect(
            config={
                "memory_limit": limits.memory,
                "threads": limits.threads,
                "temp_directory": spill,
                "preserve_insertion_order": False,
            }
        )
        try:
            yield con
        finally:
            con.close()


def count(con: duckdb.DuckDBPyConnection, table: str, where: str = "true") -> int:
    """The number of rows, drained so that the connection stays free for Splink."""
    return int(con.execute(f"select count(*) from {table} where {where}").fetchall()[0][0])
