"""What did not come to its end: the tables that runs work on, files of releases that never went out, copies of what was received."""

import shutil
from collections.abc import Sequence

import psycopg
from psycopg import sql

from akrim.contracts import load_contracts, recipients
from akrim.deliveries import clear_leftovers
from akrim.scratch_folders import remove_abandoned
from akrim.settings import get_settings
from akrim.sharing import forget_rows


def give_up(connection: psycopg.Connection) -> None:
    """Empty what runs made on the way to a release, in the caller's transaction, since somebody may be in it whom nobody can find there.

    Between two tasks of a run rows lie there that no person has yet. Its next task refuses to go on, and it begins again from its pin. Files of
    what never went out are made anew from the marts.
    """
    if connection.execute(UNFINISHED).fetchone():
        for schema, table in connection.execute(WORKED_ON).fetchall():
            connection.execute(sql.SQL("truncate {}").format(sql.Identifier(schema, table)))
        connection.execute("delete from meta.workbench")
    remove_files(connection, [row[0] for row in connection.execute(NEVER_OUT).fetchall()])


def remove_files(connection: psycopg.Connection, release_ids: Sequence[str]) -> None:
    """Remove the files of releases that never went out, and in the caller's transaction what was kept for the centres' logins."""
    if release_ids:
        forget_rows(connection, release_ids, recipients())
    for release_id in release_ids:
        for name in (release_id, f".building-{release_id}"):
            shutil.rmtree(get_settings().releases_path / name, ignore_errors=True)


def remove_copies() -> None:
    """Remove releases that were built again, and what was left where receiving or sending was killed: nothing is being received meanwhile."""
    home = get_settings().home
    for agency in load_contracts():
        clear_leftovers(agency)
    remove_abandoned("scratch-", str(home))
    for copies in (home / "reproduced", home / "spool"):
        if copies.exists():
            shutil.rmtree(copies)


# Nothing is recorded there of what was given up where a home was hidden: its rows lie there still.
UNFINISHED = """
select 1 where not exists (
    select from meta.workbench join meta.releases using (release_id) where is_explained and status <> 'failed'
)
"""
# By the two that are left clerks are shown no protected home; an erasure takes the person out of them.
WORKED_ON = """
select schemaname, tablename from pg_tables
where schemaname in ('intermediate', 'indicators') and tablename not in ('protected_persons', 'protected_addresses') order by 1, 2
"""
NEVER_OUT = "select release_id from meta.releases where published_at is null order by sequence"
