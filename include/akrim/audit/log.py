"""Adds events to the log, each in the transaction of what it tells of, so that nothing is done without its event."""

import getpass
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import psycopg
from psycopg.types.json import Jsonb

from akrim.settings import get_settings

# Those of LED Art. 25, but that transfers are disclosures; what a disclosure states besides is its recipient.
Action = Literal["collection", "alteration", "consultation", "disclosure", "combination", "erasure"]


@dataclass(frozen=True)
class Event:
    """Something done with person data.

    `by_name` is who does it, by default the user of this machine; `purpose` by default the setting's. `detail` holds counts,
    codes and the numbers of rows in other tables, and nothing about a person; `persons` are the ids of whose data it is.
    """

    action: Action
    by_name: str = ""
    purpose: str = ""
    recipient: str | None = None
    agency: str | None = None
    release_id: str | None = None
    delivery_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    persons: Collection[str] = ()


def record(connection: psycopg.Connection, event: Event) -> int:
    """Log an event in the caller's transaction, last of all: others wait for its end. Returns the event's position."""
    # Not by `asdict`, which copies each of what may be a million ids.
    content = {one.name: getattr(event, one.name) for one in fields(event) if one.name != "persons"} | {
        "by_name": event.by_name or getpass.getuser(),
        "purpose": event.purpose or get_settings().purpose,
    }
    (row,) = connection.execute(
        "select audit.record(%s, %s::text[])", [Jsonb(content), list(event.persons)]
    ).fetchall()
    return int(row[0])


def is_purpose(connection: psycopg.Connection, text: str) -> bool:
    """Whether a text can be the purpose for which a number is shown: visible, neither short nor long, of several words."""
    (row,) = connection.execute("select audit.is_purpose(%s)", [text]).fetchall()
    return bool(row[0])


def persons_of(connection: psycopg.Connection, records: Iterable[tuple[str, str]]) -> list[str]:
    """The persons to whom these records, by source and id, belong now."""
    sources, ids = zip(*records, strict=True) if (records := list(records)) else ((), ())
    return [row[0] for row in connection.execute(PERSONS_OF, [list(sources), list(ids)]).fetchall()]


def anchor(connection: psycopg.Connection, release_id: str) -> None:
    """Remember the newest event for the release's signatures, once and for all."""
    connection.execute(ANCHOR_NEWEST, [release_id])


PERSONS_OF = """
select distinct p.person_id from linkage.person_records as p
join unnest(%s::text[], %s::text[]) as asked (source, source_record_id) using (source, source_record_id)
"""
ANCHOR_NEWEST = """
insert into audit.anchors select %s, position, sha256 from audit.events order by position desc limit 1 on conflict do nothing
"""
