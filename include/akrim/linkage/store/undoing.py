"""Whether what a run found still stands: a later one from the same persons undoes it, unless its release is out; so does an erasure."""

import psycopg


def is_linked(connection: psycopg.Connection, release_id: str) -> bool:
    """Whether the release's persons are those that linkage goes on from."""
    found = connection.execute("select from linkage.runs where release_id = %s", [release_id]).fetchone()
    return found is not None


def newest_run(connection: psycopg.Connection) -> int:
    """The number of the newest run that stands, of which no two have the same; 0 before the first."""
    ((number,),) = connection.execute("select coalesce(max(run_number), 0) from linkage.runs").fetchall()
    return int(number)


def undo_given_up(connection: psycopg.Connection) -> None:
    """Undo, in the caller's transaction, the newest run where its release failed or never came to its end: the next run would, too."""
    for (release_id,) in connection.execute(GIVEN_UP).fetchall():
        undo_run(connection, release_id)


def undo_run(connection: psycopg.Connection, release_id: str) -> None:
    """Restore linkage.* to what it was before this run, which must be the newest."""
    for statement in UNDO_RUN:
        connection.execute(statement, [release_id])


# A run undoes what is not out before it begins, so that there is one at most.
GIVEN_UP = """
select release_id from linkage.runs join meta.releases using (release_id)
where run_number = (select max(run_number) from linkage.runs)
    and published_at is null and (status = 'failed' or not is_explained)
"""
UNDO_RUN = (
    "delete from linkage.quality where release_id = %s",
    "delete from linkage.drift where release_id = %s",
    "delete from linkage.memberships where valid_from_release = %s",
    "update linkage.memberships set valid_to_release = null where valid_to_release = %s",
    "delete from linkage.findings where valid_from_release = %s",
    "update linkage.findings set valid_to_release = null where valid_to_release = %s",
    "delete from linkage.person_id_history where release_id = %s",
    "delete from linkage.given_away where release_id = %s",
    "delete from linkage.persons where release_id = %s",
    "delete from linkage.runs where release_id = %s",
)
