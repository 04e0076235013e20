"""The pipeline's own connections between two uses: a run has some eight hundred, and to make one takes longer than most of what is asked."""

import atexit
import os
from contextlib import suppress
from functools import cache

import psycopg

# As many as lie in one another.
MOST = 3
_waiting: list[tuple[str, psycopg.Connection]] = []
# A process that is forked makes its own; closing its parent's would end them for both.
os.register_at_fork(after_in_child=_waiting.clear)


def take(address: str) -> psycopg.Connection | None:
    """A connection to this address that was used before and still stands; what else is found is closed."""
    while _waiting:
        try:
            found, connection = _waiting.pop()
        except IndexError:  # another thread was sooner
            return None
        with suppress(psycopg.Error):
            if found == address:
                connection.autocommit = True
                connection.execute("")
                connection.autocommit = False
                return connection
        connection.close()
    return None


def keep(address: str, connection: psycopg.Connection) -> None:
    """Have the connection wait, with nothing left of what it was used for: its locks, its tables, its settings.

    Its transaction has ended, and it prepares no statements: they would be gone at its next use.
    """
    with suppress(psycopg.Error):  # it is lost, of which the next to need one is told
        connection.autocommit = True
        connection.execute("discard all")
        connection.autocommit = False
        if len(_waiting) < MOST:
            _close_at_exit()
            _waiting.append((address, connection))
            return
    connection.close()


def close_all() -> None:
    """Close those that wait, as who removes the database does."""
    while _waiting:
        _waiting.pop()[1].close()


@cache
def _close_at_exit() -> None:
    """Registered after what stops the embedded server, and so done before it."""
    atexit.register(close_all)
