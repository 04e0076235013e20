"""A full disk told in plain words, whoever met it: this program, PostgreSQL, DuckDB, SQLite, dbt or Airflow."""

import errno
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from akrim.errors import UserError, redacted
from akrim.settings import read_settings

# What is left of a disk on which nothing more could be written, in bytes at most.
NO_ROOM = 16 * 1024**2
NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
POSTGRESQL = re.compile(
    r"could not (?:extend|write|create|fsync)[^\n]*(?:file|directory)|DiskFull", re.IGNORECASE
)
DUCKDB = re.compile(r"failed to offload data block|max_temp_directory_size", re.IGNORECASE)
SQLITE = re.compile(r"database or disk is full", re.IGNORECASE)
ANY = re.compile(r"(?i:no space left on device|disk quota exceeded)|\bFile too large\b")
# Of a copy it is the second file that has no room.
FILE = re.compile(r"""(?:: ["'][^"'\n]+["'] -> |file |: )["'](/[^"'\n]+)["']""")


def full_disk(error: BaseException | str) -> UserError | None:
    """What to tell a person of an error that a full disk, or a used-up quota, lies behind; None for any other error.

    Args:
        error: an exception, looked through to whatever caused it, or a program's own words.
    """
    for link in _chain(error):
        where = _place(link)
        if where is not None:
            return UserError(
                "The disk is full, or a quota is used up: nothing more could be written.",
                where,
                "Free some room there, then do it again: what was done before is kept. `akrim doctor` tells what is free.",
            )
    return None


def error_text(error: BaseException) -> str:
    """What to write beside the name of something that failed: our own words, that the disk is full and where, else the error without data."""
    if isinstance(error, UserError):
        return str(error)
    full = full_disk(error)
    said = str(error) if isinstance(error, OSError) else redacted(str(error))
    return f"the disk is full: {full.where}" if full else f"{type(error).__name__}: {said}"


def _chain(error: BaseException | str) -> Iterator[BaseException | str]:
    link: BaseException | str | None = error
    seen: list[object] = []
    while link is not None and not any(link is known for known in seen):
        seen.append(link)
        yield link
        link = None if isinstance(link, str) else link.__cause__ or link.__context__


def _place(error: BaseException | str) -> str | None:
    """The folder that has no room; None where the error is of another kind."""
    if isinstance(error, OSError) and error.errno in NUMBERS:
        return _folder_of(error.filename2 or error.filename)
    text = str(error)
    if getattr(error, "sqlstate", None) == "53100":
        return _of_database()
    if DUCKDB.search(text):
        return f"{tempfile.gettempdir()} (TMPDIR names another)"
    if SQLITE.search(text):
        return str(read_settings().home / "airflow")
    if not ANY.search(text):
        return None
    named = FILE.search(text)
    if named:
        return _folder_of(named[1])
    return _of_database() if POSTGRESQL.search(text) else _folder_of(None)


def _folder_of(name: object) -> str:
    """The folder of the file that could not be written; where the error names none, whichever has no room of the two that everything goes to."""
    if isinstance(name, (str, bytes)) and name:
        path = Path(name if isinstance(name, str) else name.decode(errors="replace"))
        return str(path if path.is_dir() else path.absolute().parent)
    places = {str(read_settings().home): "AKRIM_HOME", tempfile.gettempdir(): "TMPDIR"}
    full = {place: name for place, name in places.items() if _has_no_room(place)} or places
    return f"{' or '.join(full)} ({' and '.join(full.values())} {'name others' if full == places else 'names another'})"


def _has_no_room(place: str) -> bool:
    try:
        return shutil.disk_usage(place).free < NO_ROOM
    except OSError:
        return False


def _of_database() -> str:
    settings = read_settings()
    return (
        "the database server of AKRIM_DATABASE_URL"
        if settings.database_url
        else str(settings.home / "postgres")
    )
