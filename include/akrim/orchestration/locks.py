"""The lock that admits one assessment at a time, whether run by a scheduler's tasks or by `akrim run`.

It belongs to the process: a scheduled task holds it while it runs, `akrim run` from the pin to the release. There is one
for all periods, since they share the tables between staging and marts. A scheduler holds no lock between two tasks, so
meta.workbench names the release in those tables, and a task that finds another release there fails, or the same of other inputs, or none.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from akrim import warehouse
from akrim.errors import UserError

logger = logging.getLogger("akrim.steps")
_connections: dict[int, psycopg.Connection] = {}


def lock_assessment(*, shared: bool = False) -> None:
    """Wait for the lock, and say so, and hold it until `unlock_assessment` or the end of this process.

    Args:
        shared: with others that share it, such as the makers of a release's parts; nothing is assessed or erased beside them.
    """
    if os.getpid() in _connections:
        return
    connection = psycopg.connect(warehouse.url(), autocommit=True, application_name="akrim assessment lock")
    kind = "_shared" if shared else ""
    key = warehouse.ASSESSMENT_KEY
    ((is_free,),) = connection.execute(f"select pg_try_advisory_lock{kind}({key})").fetchall()
    if not is_free:
        logger.warning("Another run assesses or publishes just now: this one waits until that has ended.")
        connection.execute(f"select pg_advisory_lock{kind}({key})")
    _connections[os.getpid()] = connection


def unlock_assessment() -> None:
    connection = _connections.pop(os.getpid(), None)
    if connection is not None:
        connection.close()


@contextmanager
def assessment_lock() -> Iterator[None]:
    """The lock for a block: nothing is assessed or published meanwhile."""
    lock_assessment()
    try:
        yield
    finally:
        unlock_assessment()


def occupy_workbench(release_id: str) -> None:
    """Record that the tables between staging and marts now belong to this release."""
    with warehouse.connect() as connection:
        connection.execute("delete from meta.workbench")
        connection.execute("insert into meta.workbench (release_id) values (%s)", [release_id])


def check_workbench(pins: Mapping[str, str]) -> None:
    """Raise UserError if the run cannot go on.

    That is if another run has recorded its own release since, or pinned the same one anew, if somebody was erased or a home hidden in what
    it had made, if rows of what it was pinned with were removed, or if the release is out.

    Args:
        pins: what the run's `pin` handed on.
    """
    from akrim import ledger  # not where a DAG's file is read
    from akrim.deliveries.removal import require_rows

    with warehouse.connect() as connection:
        row = connection.execute(
            "select release_id, fingerprint from meta.workbench left join meta.releases using (release_id)"
        ).fetchone()
    if row is None:
        raise UserError(
            f"What the assessment for {pins['release_id']} had made was given up: a person was erased, or a home in it hidden.",
            "meta.workbench",
            "Start it again from its first task, `pin`.",
        )
    if row != (pins["release_id"], pins.get("fingerprint")):
        raise UserError(
            f"The assessment for {pins['release_id']} was overtaken by another run.",
            f"release {row[0]}",
            "Start it again when that one is out.",
        )
    require_not_out(pins["release_id"])
    with warehouse.connect() as connection:
        # A task that failed may be cleared long after: what a failed release rests on is not kept for it.
        require_rows(connection, ledger.load(pins["release_id"]).delivery_ids)


def require_not_out(release_id: str) -> None:
    """Raise UserError if the release went out: it stays as it is, and others link on from its persons, which would be undone first."""
    from akrim import ledger  # not where a DAG's file is read

    if ledger.is_out(release_id):
        raise UserError(
            f"{release_id} went out: it is not made again.",
            "release_id",
            "Name its period to make the next revision; `akrim releases reproduce` builds one again elsewhere.",
        )
