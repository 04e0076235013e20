"""Looks on while a pipeline runs: at its processes, its temporary files, its spool, and what the database is asked."""

import contextlib
import os
import sqlite3
import threading
from pathlib import Path

import psycopg

SECONDS_BETWEEN = 0.1
SECONDS_BETWEEN_QUERIES = 0.5


class Watch(threading.Thread):
    """Collects, until `stop`, contents by place: command lines, environments, queries, Airflow's tables, names of files.

    Args:
        home: the installation's home folder; its processes are known by it.
        temporary: the folder that they are given as TMPDIR.
    """

    def __init__(self, home: Path, temporary: Path) -> None:
        super().__init__(daemon=True)
        self.seen: dict[str, set[bytes]] = {}
        self.open_to_others: set[str] = set()
        self._home, self._temporary = home, temporary
        self._ended = threading.Event()
        self._failure: Exception | None = None
        self._read: set[tuple[str, int, int]] = set()

    def stop(self) -> None:
        """End it; raises what it failed with, since what was not watched is not known."""
        self._ended.set()
        self.join()
        if self._failure is not None:
            raise self._failure

    def run(self) -> None:
        try:
            self._watch()
        except Exception as error:  # noqa: BLE001  # whatever it is, `stop` raises it
            self._failure = error

    def _watch(self) -> None:
        since = SECONDS_BETWEEN_QUERIES
        while not self._ended.wait(SECONDS_BETWEEN):
            self._processes()
            self._files()
            self._modes()
            since += SECONDS_BETWEEN
            if since >= SECONDS_BETWEEN_QUERIES:
                since = 0.0
                self._queries()
                self._airflow()

    def _note(self, place: str, content: bytes) -> None:
        self.seen.setdefault(place, set()).add(content)

    def _processes(self) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment = (process / "environ").read_bytes()
                if str(self._home).encode() in environment and int(process.name) != os.getpid():
                    self._note("process environment", environment)
                    self._note("process command line", (process / "cmdline").read_bytes())

    def _files(self) -> None:
        """What lies in the temporary folder and the spool."""
        for folder, place in ((self._temporary, "temporary file"), (self._home / "spool", "spool")):
            for parent, folders, names in os.walk(folder):  # leaves out what is gone meanwhile
                for name in (*folders, *names):
                    self._note(f"{place}'s name", os.fsencode(name))
                if place == "temporary file":
                    for name in names:
                        self._file(place, Path(parent, name))

    def _modes(self) -> None:
        """Whether anybody else may open what is ours."""
        for parent in (self._home, self._home / "spool"):
            with contextlib.suppress(OSError):
                for path in (parent, *parent.iterdir()):
                    if path.is_dir() and path.stat().st_mode & 0o077:
                        self.open_to_others.add(str(path))

    def _file(self, place: str, path: Path) -> None:
        with contextlib.suppress(OSError):
            state = path.stat()
            version = (str(path), state.st_size, state.st_mtime_ns)
            if version not in self._read and path.is_file():
                self._read.add(version)
                self._note(place, path.read_bytes())

    def _queries(self) -> None:
        with contextlib.suppress(psycopg.Error):
            address = f"postgresql://postgres@localhost/postgres?host={self._home / 'postgres'}"
            with psycopg.connect(address, connect_timeout=1) as connection:
                for (query,) in connection.execute(
                    "select query from pg_stat_activity where pid <> pg_backend_pid()"
                ):
                    self._note("query", (query or "").encode(errors="replace"))

    def _airflow(self) -> None:
        """Every row of Airflow's own tables: XComs, rendered templates, runs and their states."""
        path = self._home / "airflow" / "walk.sqlite"
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as own,
        ):
            for (name,) in own.execute("select name from sqlite_master where type = 'table'").fetchall():
                for row in own.execute(f'select * from "{name}"'):
                    self._note(f"airflow {name}", str(row).encode(errors="replace"))
