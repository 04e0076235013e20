"""Whether what a run found still stands: a later one from the same persons undoes it, unless its release is out."""

import psycopg


def is_linked(connection: psycopg.Connection, release_id: str) -> bool:
    """Whether the release's persons are those that linkage goes on from."""
    found = connection.execute("select from linkage.runs where release_id = %s", [release_id]).fetchone()
    return found is not None


def newest_run(connection: psycopg.Connection) -> int:
    """The number of the newest run that stands, of which no two have the same; 0 before the first."""
    ((number,),) = connection.execute("select coalesce(max(run_number), 0) from linkage.runs").fetchall()
    return int(number)
