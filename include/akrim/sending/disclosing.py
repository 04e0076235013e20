"""Logs that persons' data went to a centre: whom its files name, by `marts.named_persons`."""

import psycopg

from akrim import audit

NAMED = "select person_id from marts.named_persons where release_id = %s and centre_id = %s"


def log_disclosure(connection: psycopg.Connection, release_id: str, centre_id: str, **detail: str) -> None:
    """Log a release's disclosure to a centre in the caller's transaction.

    Args:
        detail: by which means, and what identifies what was sent.
    """
    named = named_to(connection, release_id, centre_id)
    event = audit.Event(
        "disclosure", recipient=centre_id, release_id=release_id, detail=detail, persons=named
    )
    audit.record(connection, event)


def named_to(connection: psycopg.Connection, release_id: str, centre_id: str) -> list[str]:
    """The ids of the persons whom the centre's files of the release name."""
    return [row[0] for row in connection.execute(NAMED, [release_id, centre_id]).fetchall()]
