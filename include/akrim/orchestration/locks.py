"""One assessment at a time, whoever runs it: a scheduler's tasks or `akrim run`.

The lock belongs to the process: a scheduled task holds it while it runs, `akrim run` from the pin to the release.
It is one for all periods, since they share the tables between staging and marts. Because a scheduler lets go of
it between two tasks, the workbench names the release that those tables are of, and who finds another one there
has been overtaken.
"""

import os

import psycopg

from akrim import warehouse
from akrim.errors import UserError

_held: dict[int, psycopg.Connection] = {}


def hold_assessment() -> None:
    """Wait for the lock and keep it until `release_assessment` or the end of this process."""
    if os.getpid() in _held:
        return
    connection = psycopg.connect(warehouse.url(), autocommit=True, application_name="akrim assessment lock")
    connection.execute("select pg_advisory_lock(hashtext('akrim.assessment'))")
    _held[os.getpid()] = connection


def release_assessment() -> None:
    connection = _held.pop(os.getpid(), None)
    if connection is not None:
        connection.close()


def occupy_workbench(release_id: str) -> None:
    """Say that the tables between staging and marts are from now on those of this release."""
    with warehouse.connect() as connection:
        connection.execute("delete from meta.workbench")
        connection.execute("insert into meta.workbench (release_id) values (%s)", [release_id])


def check_workbench(release_id: str) -> None:
    """Raise UserError when another run has meanwhile put its own release on the workbench."""
    with warehouse.connect() as connection:
        row = connection.execute("select release_id from meta.workbench").fetchone()
    if row is None or row[0] != release_id:
        raise UserError(
            f"The assessment for {release_id} was overtaken by another run.",
            f"release {row[0] if row else 'unknown'}",
            "Start it again when that one is out.",
        )
