"""Reads the log: what it tells of a person, and its export."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from akrim import warehouse
from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.settings import get_settings


@contextmanager
def reading() -> Iterator[psycopg.Connection]:
    """A connection by the auditor's login where its address is set, and by the pipeline's elsewhere."""
    address = get_settings().auditor_database_url
    if not address:
        warehouse.prepare()
    with warehouse.connect(address) as connection:
        yield connection


def events_about(person_id: str) -> list[dict[str, Any]]:
    """The events about a person, under whichever id they were logged, oldest first."""
    with reading() as connection:
        return warehouse.read_rows(connection, ABOUT, [person_id])


def export(since: date, path: Path) -> int:
    """Write the events since that day (UTC) as JSON lines, oldest first; returns how many.

    `content` is the text whose SHA-256 is `sha256`: whoever has the file can follow the chain without the database. Requests
    that no event has taken up yet come last, without a hash.
    Raises UserError where no file can be written there.
    """
    with reading() as connection:
        rows = connection.execute(SINCE, [since]).fetchall()
    lines = [
        json.dumps({"sha256": sha256, "content": content, "subjects": subjects}, ensure_ascii=False) + "\n"
        for sha256, content, subjects in rows
    ]
    try:
        write_whole(path, "".join(lines).encode())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        raise UserError(
            "The file cannot be written there.", str(path), "Name a file in a folder that is there and yours."
        ) from None
    return len(lines)


# A request that no event has taken up yet has neither a position nor a hash.
ABOUT = """
select position, to_char(happened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as happened_at, action, by_name,
    login, purpose, recipient, agency, release_id, delivery_id, detail, person_id
from audit.events_about
where person_id in (select audit.ids_of(%s)) order by position nulls last, 2, person_id
"""
SINCE = """
with logged as (
    select e as event, array(
        select s.person_id from audit.subjects as s where s.position = e.position order by s.person_id collate "C"
    ) as persons
    from audit.events as e
    union all select audit.as_event(r), r.persons from audit.requests_waiting as r
)
select (l.event).sha256, audit.content(l.event), l.persons
from logged as l where (l.event).happened_at >= %s::date::timestamp at time zone 'UTC'
order by (l.event).position nulls last, (l.event).happened_at
"""
