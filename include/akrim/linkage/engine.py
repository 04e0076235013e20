"""One in-memory DuckDB connection per linkage, bounded in memory, threads and spill to disk.

The spill folder is removed at the end; one left by a killed process is removed by the next linkage.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import duckdb

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class EngineLimits:
    """The memory and threads that one linkage may use."""

    memory: str = "2500MB"
    threads: int = min(4, os.cpu_count() or 1)


DEFAULT_LIMITS = EngineLimits()
SPILL = "akrim-linkage-"
# A folder this young may not have been locked yet.
GRACE_SECONDS = 60


@contextmanager
def open_engine(
    limits: EngineLimits = DEFAULT_LIMITS,
) -> Iterator[duckdb.DuckDBPyConnection]:
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


@contextmanager
def spill_folder(within: str = "") -> Iterator[Path]:
    """A private folder, locked while in use; those left by killed processes hold personal data and are removed."""
    within = within or tempfile.gettempdir()
    for folder in Path(within).glob(f"{SPILL}*"):
        with suppress(OSError):
            _remove_if_abandoned(folder)
    with tempfile.TemporaryDirectory(prefix=SPILL, dir=within) as name, _locked(Path(name)):
        yield Path(name)


def _remove_if_abandoned(folder: Path) -> None:
    """Raises OSError if it is in use or already gone."""
    seen = folder.stat()
    if seen.st_uid == os.getuid() and time.time() - seen.st_mtime > GRACE_SECONDS:
        with _locked(folder):
            shutil.rmtree(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


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
