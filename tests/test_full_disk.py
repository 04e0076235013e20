"""A full disk is told in plain words, with the folder and what to do, whoever meets it first."""

import errno
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import duckdb
import psycopg
import pytest
from akrim.errors import UserError
from akrim.full_disk import error_text, full_disk
from akrim.warehouse import connection, embedded
from sqlalchemy.exc import OperationalError

from tests.measured import run_akrim
from tests.test_atomic_files import no_room


def caused(by: BaseException) -> BaseException:
    error = RuntimeError("The files of oslo could not be made")
    error.__cause__ = by
    return error


def handled(by: BaseException) -> BaseException:
    error = ValueError("it is no file of ours")
    error.__context__ = by
    return error


NO_SPACE = OSError(errno.ENOSPC, "No space left on device", "/data/akrim/releases/x.parquet")
POSTGRESQL = 'could not extend file "base/16384/2619": No space left on device\nHINT:  Check free disk space.'
FULL: dict[str, tuple[BaseException | str, str]] = {
    "this program": (NO_SPACE, "/data/akrim/releases"),
    "a quota": (OSError(errno.EDQUOT, "Disk quota exceeded", b"/data/x"), "/data"),
    "a file without a name": (OSError(errno.ENOSPC, "No space left on device"), "AKRIM_HOME"),
    "a copy": (OSError(errno.ENOSPC, "No space left on device", "/srv/x", None, "/data/akrim/x"), "/data/akrim"),
    "a copy by another process": ("OSError: [Errno 28] No space left on device: '/tmp/x' -> '/data/akrim/x'", "/data/akrim"),
    "a cause": (caused(NO_SPACE), "/data/akrim/releases"),
    "what was handled before": (handled(caused(NO_SPACE)), "/data/akrim/releases"),
    "another process": (f"The files of oslo could not be made: {NO_SPACE}", "/data/akrim/releases"),
    "PostgreSQL": (psycopg.errors.DiskFull("x"), "postgres"),
    "PostgreSQL when it is reached": (psycopg.OperationalError(f"connection failed: {POSTGRESQL}"), "postgres"),
    "SQLAlchemy": (OperationalError("select 1", {}, psycopg.errors.DiskFull(POSTGRESQL)), "postgres"),
    "dbt": (f"Runtime Error in model persons\n  {POSTGRESQL}", "postgres"),
    "SQLite": (OperationalError("insert", {}, Exception("database or disk is full")), "airflow"),
    "Arrow": (OSError("[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"), "AKRIM_HOME"),
}  # fmt: skip
OTHERS = (
    OSError(errno.EACCES, "Permission denied", "/data/x"),
    ValueError("full"),
    psycopg.errors.ConfigurationLimitExceeded("temporary file size exceeds"),
    psycopg.OperationalError("could not write to file: connection reset"),
    "a disk of a full moon",
    UserError("There is no key.", "keys", "Make one."),
)


@pytest.mark.parametrize("name", FULL)
def test_whoever_meets_it(name: str, home: Path) -> None:
    error, where = FULL[name]
    told = full_disk(error)
    assert told is not None
    assert "disk is full" in told.what
    assert where in told.where
    assert told.next_step
    if isinstance(error, BaseException):
        assert error_text(error).startswith("the disk is full: ")


@pytest.mark.parametrize("setting", ["AKRIM_HOME", "TMPDIR"])
def test_of_a_file_without_a_name_the_disk_that_has_no_room_is_told(
    setting: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(home) if setting == "AKRIM_HOME" else tempfile.gettempdir()
    monkeypatch.setattr(
        shutil, "disk_usage", lambda of: SimpleNamespace(free=1 << 20 if of == place else 1 << 40)
    )
    told = full_disk(OSError(errno.ENOSPC, "No space left on device"))
    assert told is not None
    assert told.where == f"{place} ({setting} names another)"


@pytest.mark.parametrize("error", OTHERS, ids=str)
def test_what_is_none(error: BaseException | str) -> None:
    assert full_disk(error) is None
    if isinstance(error, BaseException):
        words = str(error)
        assert error_text(error) == (
            words if isinstance(error, UserError) else f"{type(error).__name__}: {words}"
        )


@pytest.mark.parametrize(("room_to_start", "told"), [(2**62, "disk is full"), (0, "cannot be reached")])
def test_a_database_that_ended_without_room(
    home: Path, monkeypatch: pytest.MonkeyPatch, room_to_start: int, told: str
) -> None:
    """Nobody answers on its socket, and the server's last words are in its log alone."""
    folder = home / "postgres"
    folder.mkdir(parents=True)
    monkeypatch.delenv("AKRIM_DATABASE_URL", raising=False)
    monkeypatch.setattr(connection, "url", lambda: f"postgresql://akrim@/akrim?host={folder}")
    monkeypatch.setattr(embedded, "ROOM_TO_START", room_to_start)
    with pytest.raises(UserError, match=told) as error, connection.connect():
        pass
    assert error.value.where == str(folder)


def test_an_error_that_is_its_own_cause_is_looked_at_once() -> None:
    error, other = ValueError("x"), ValueError("y")
    error.__cause__, other.__cause__ = other, error
    assert full_disk(error) is None


def test_duckdb_without_room_to_spill(home: Path, tmp_path: Path) -> None:
    settings = {"memory_limit": "30MB", "threads": 1, "temp_directory": str(tmp_path / "spill")}
    sort = (
        "create table t as select hash(i) as h, repeat('x', 200) as x from range(2_000_000) r(i) order by h"
    )
    for limit, room, where in (("1MB", 1 << 30, "TMPDIR"), ("1GB", 100_000, str(tmp_path / "spill"))):
        config = {**settings, "max_temp_directory_size": limit}
        with duckdb.connect(config=config) as duck, no_room(room), pytest.raises(duckdb.Error) as error:
            duck.execute(sort)
        told = full_disk(error.value)
        assert told is not None
        assert where in told.where


def small_disk(folder: Path, size: str) -> list[str]:
    """Starts a command that alone sees a disk of that size at the folder; where nothing may be mounted, with small files."""
    folder.mkdir(mode=0o700)
    mount = f'mount -t tmpfs -o size={size},mode=700 tmpfs "$0" && exec "$@"'
    for options in (["--mount"], ["--mount", "--user", "--map-root-user"]):
        started = ["unshare", *options, "sh", "-c", mount, str(folder)]
        if (
            shutil.which("unshare")
            and subprocess.run([*started, "true"], check=False, capture_output=True).returncode == 0
        ):
            return started
    limit = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20,) * 2); os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-c", limit]


@pytest.mark.parametrize("size", ["8m", "40m"], ids=["when it is made", "when it runs"])
def test_the_command_says_so_where_the_database_has_no_room(size: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    told = run_akrim("deliveries", home=home, under=small_disk(home, size))
    assert told.code == 1
    assert "disk is full" in told.err
    assert str(home / "postgres") in told.err
    assert "Traceback" not in told.err


def test_the_command_says_so_where_its_output_has_no_room(tmp_path: Path) -> None:
    into = ["sh", "-c", 'exec "$0" "$@" > /dev/full']
    told = run_akrim(
        "keys", "centre", "oslo", "--out", str(tmp_path / "keys"), home=tmp_path / "home", under=into
    )
    assert told.code == 1
    assert "disk is full" in told.err
    assert "Traceback" not in told.err
    assert "Exception ignored" not in told.err
