"""The settings of this process, with the home folder that they name made and closed to others."""

import errno
import os
import shlex
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from akrim.errors import UserError
from akrim.settings.reading import read_settings
from akrim.settings.settings import Settings

OTHERS = stat.S_IRWXG | stat.S_IRWXO
# By one of these a home folder that has been in use is known.
MARKS = frozenset({"airflow", "keys", "linkage", "outbox", "postgres", "releases", "spool"})

_makes_home = ContextVar("makes_home", default=True)


@contextmanager
def without_making_home() -> Iterator[None]:
    """Within it a home folder that is missing is not made: for whoever looks at what there is."""
    get_settings.cache_clear()
    before = _makes_home.set(False)
    try:
        yield
    finally:
        _makes_home.reset(before)
        get_settings.cache_clear()


@lru_cache
def get_settings() -> Settings:
    """The settings of this process; the home folder is made when it is missing, and is its owner's alone from then on.

    Raises UserError where it is open to others and may not be closed: it is another user's, or holds other things.
    """
    settings = read_settings()
    if not _makes_home.get() and not settings.home.exists():
        return settings
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(
            "That is no folder.", str(settings.home), "Name another as AKRIM_HOME, or remove it."
        ) from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise UserError(
            f"The home folder cannot be made: {error.strerror}.",
            str(settings.home),
            "Name another as AKRIM_HOME.",
        ) from None
    _close_to_others(settings.home)
    return settings


def _close_to_others(home: Path) -> None:
    """Take from others what they may do in the home folder, once, and say so."""
    found = home.stat()
    if not found.st_mode & OTHERS:
        return
    # Whoever names /tmp or the like as AKRIM_HOME must not have it closed to everybody else.
    held = {path.name for path in home.iterdir()}
    is_akrims = not held or bool(held & MARKS)
    if found.st_uid != os.geteuid() or not is_akrims:
        whose = "holds other things" if found.st_uid == os.geteuid() else "is another user's"
        raise UserError(
            f"The home folder is open to other users of this machine, and {whose}.",
            str(home),
            f"If it is meant for akrim alone: chmod 700 {shlex.quote(str(home))}",
        )
    home.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)
    sys.stderr.write(f"{home} was open to other users of this machine; it is now yours alone.\n")
