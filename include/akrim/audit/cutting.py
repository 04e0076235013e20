"""Cuts off the log's beginning where its limit is past; an event states where what is left begins, so that it is still a chain."""

from datetime import date
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row


class Beginning(NamedTuple):
    """All events up to `position`, none of which happened after that day; `sha256` is the last one's, `rows` what a cut at the day
    before would leave of them. `persons` are those whom they are about."""

    day: date
    position: int
    sha256: str
    rows: int
    persons: list[str]


def beginnings(connection: psycopg.Connection) -> list[Beginning]:
    """The days at whose end the log could be cut, oldest first; the newest event always stays, so that the chain goes on from it."""
    with connection.cursor(row_factory=class_row(Beginning)) as cursor:
        return cursor.execute(BEGINNINGS).fetchall()


def cut(connection: psycopg.Connection, beginning: Beginning) -> int:
    """Remove these events; returns how many went.

    The caller logs it last of all, with the beginning's day, position and hash in the event's detail under `cut`.
    """
    connection.execute("lock table audit.events in share row exclusive mode")
    gone = 0
    for table, query in REMOVALS.items():
        connection.execute(f"alter table audit.{table} disable trigger only_added_to")
        gone = connection.execute(query, [beginning.position]).rowcount
        connection.execute(f"alter table audit.{table} enable trigger only_added_to")
    return gone


# Requests that were taken up late stand after events of a later day, so that a day ends where no event after it is older.
BEGINNINGS = """
with reached as (
    select position, sha256, max((happened_at at time zone 'Europe/Oslo')::date) over (order by position) as day
    from audit.events where position < (select max(position) from audit.events)
)
select day, max(position) as position, (array_agg(sha256 order by position desc))[1] as sha256, count(distinct position) as rows,
    coalesce(array_agg(distinct person_id) filter (where person_id is not null), '{}') as persons
from reached left join audit.subjects using (position) group by day order by day
"""
# In this order: a row before what it refers to.
REMOVALS = {
    "shown": "delete from audit.shown where request in (select (detail ->> 'request')::bigint from audit.events"
    " where detail ? 'request' and position <= %s)",
    "requests": "delete from audit.requests where request in (select (detail ->> 'request')::bigint from audit.events"
    " where detail ? 'request' and position <= %s)",
    "subjects": "delete from audit.subjects where position <= %s",
    "events": "delete from audit.events where position <= %s",
}
