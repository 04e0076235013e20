"""One in-memory DuckDB connection per linkage, bounded in memory, threads and spill to disk.

The spill folder is removed at the end; one left by a killed process is removed by the next linkage.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import duckdb

from akrim.scratch_folders import scratch_folder

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class EngineLimits:
    """The memory and threads that one linkage may use."""

    memory: str = "2500MB"
    threads: int = min(4, os.cpu_count() or 1)


DEFAULT_LIMITS = EngineLimits()
SPILL = "akrim-linkage-"


@contextmanager
def open_engine(limits: EngineLimits = DEFAULT_LIMITS) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty in-memory database that spills to a private folder, removed when it closes."""
    with spill_folder() as spill:
        con = duckdb.connect(
            config={
                "memory_limit": limits.memory,
                "threads": limits.threads,
                "temp_directory": str(spill),
                "preserve_insertion_order": False,
            }
        )
        try:
            yield con
        finally:
            con.close()


def spill_folder(within: str = "") -> AbstractContextManager[Path]:
    """A private folder for what a linkage spills and exchanges."""
    return scratch_folder(SPILL, within)


@dataclass(frozen=True)
class Tables:
    """The tables that a step reads and writes, by name; `*` matches the rest of a name."""

    reads: frozenset[str]
    writes: frozenset[str]


STEPS: dict[Callable[..., Any], Tables] = {}


def tables(reads: str = "", writes: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the tables that a step reads, and those that it creates or changes for other steps.

    Tables that only the step itself reads are left out, as are those of the steps that it calls. It does nothing at run
    time; tests/linkage/test_tables.py compares each line with the SQL that its step runs.
    """

    def declare(step: Callable[P, R]) -> Callable[P, R]:
        STEPS[step] = Tables(frozenset(reads.split()), frozenset(writes.split()))
        return step

    return declare


def count(con: duckdb.DuckDBPyConnection, table: str, where: str = "true") -> int:
    """The number of rows; the result is fetched in full, since Splink uses the same connection."""
    return int(con.execute(f"select count(*) from {table} where {where}").fetchall()[0][0])
