"""One DuckDB connection for one linkage, bounded in memory, threads and spill.

In goes a limit, out comes a connection that is closed and whose spill folder is removed at the end; what a killed
linkage left is removed by the next. DuckDB holds no state: every linkage starts from an empty database in memory.
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
    """What one linkage may take of the machine."""

    memory: str = "4GB"
    threads: int = min(4, os.cpu_count() or 1)


DEFAULT_LIMITS = EngineLimits()
SPILL = "akrim-linkage-"
# Between making a folder and locking it lies a moment; in seconds, and generous.
JUST_MADE = 60


@contextmanager
def open_engine(
    limits: EngineLimits = DEFAULT_LIMITS,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A fresh in-memory database; what does not fit goes to a private folder that goes with it."""
    with _spill_folder() as spill:
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
def _spill_folder() -> Iterator[Path]:
    """A private folder, locked while in use: one whose user was killed holds persons' data that nobody needs."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SPILL}*"):
        with suppress(OSError):
            _remove_if_left(folder)
    with tempfile.TemporaryDirectory(prefix=SPILL) as name, _locked(Path(name)):
        yield Path(name)


def _remove_if_left(folder: Path) -> None:
    """Raises OSError where it is in use, or has gone meanwhile."""
    seen = folder.stat()
    if seen.st_uid == os.getuid() and time.time() - seen.st_mtime > JUST_MADE:
        with _locked(folder):
            shutil.rmtree(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)


@dataclass(frozen=True)
class Tables:
    """What a step reads and writes in the connection, by name; `*` stands for the rest of a name."""

    reads: frozenset[str]
    writes: frozenset[str]


STEPS: dict[Callable[..., Any], Tables] = {}


def tables(reads: str = "", writes: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a step's tables: those that it reads, and those that it leaves new or changed for others to read.

    Its line tells neither of tables that the step alone reads nor of what other steps do that it calls. At run time it
    does nothing; tests/linkage/test_tables.py holds each line to what its step does.
    """

    def declare(step: Callable[P, R]) -> Callable[P, R]:
        STEPS[step] = Tables(frozenset(reads.split()), frozenset(writes.split()))
        return step

    return declare


def count(con: duckdb.DuckDBPyConnection, table: str, where: str = "true") -> int:
    """The number of rows, drained so that the connection stays free for Splink."""
    return int(con.execute(f"select count(*) from {table} where {where}").fetchall()[0][0])  # noqa: S608  # a table and condition of the caller's own
