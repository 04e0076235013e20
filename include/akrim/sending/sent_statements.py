"""Which statements and notices lie in whose outbox, each as it was when it was put there."""

import psycopg

from akrim import warehouse


def sent_to(centre_id: str) -> dict[str, str]:
    """The digest of each, by its file's name."""
    with warehouse.connect() as connection:
        query = "select name, sha256 from meta.sent_statements where centre_id = %s"
        return dict(connection.execute(query, [centre_id]).fetchall())


def record_sent(connection: psycopg.Connection, centre_id: str, name: str, digest: str) -> None:
    """Record in the caller's transaction that it lies there."""
    connection.execute(
        "insert into meta.sent_statements (centre_id, name, sha256) values (%s, %s, %s)"
        " on conflict (centre_id, name) do update set sha256 = excluded.sha256, sent_at = now()",
        [centre_id, name, digest],
    )


def record_gone(centre_id: str, name: str) -> None:
    """Forget that it lies there, so that it is put there again where it is due again."""
    with warehouse.connect() as connection:
        connection.execute(
            "delete from meta.sent_statements where centre_id = %s and name = %s", [centre_id, name]
        )
