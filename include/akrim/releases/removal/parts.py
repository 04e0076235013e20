"""The centres' parts of published releases that stand here, and their erasure when they are past their limit."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import psycopg

from akrim import audit, warehouse
from akrim.releases.erasing.erasure import erase_parts
from akrim.settings import get_settings
from akrim.texts import texts
from akrim.trust import MANIFEST, read_manifest


class Part(NamedTuple):
    """One centre's part of a release whose files stand: whom it names, and the dates that it can be counted from."""

    release_id: str
    centre_id: str
    published_at: date
    as_of: date
    persons: list[str]


def standing_parts(connection: psycopg.Connection) -> list[Part]:
    """Every part whose files are here, and tombstones that are not logged or of which it is known whom they named.

    The oldest release comes first. What became a tombstone by the day up to which the log was cut was logged there.
    """
    releases = warehouse.read_rows(connection, PUBLISHED)
    is_kept = warehouse.has_table(connection, "marts.named_persons")
    logged = {(row["release_id"], row["recipient"]) for row in warehouse.read_rows(connection, LOGGED)}
    ((cut,),) = connection.execute(CUT).fetchall()
    rows = warehouse.read_rows(connection, NAMED) if is_kept else []
    named = {(row["release_id"], row["centre_id"]): row["persons"] for row in rows}
    return [
        Part(**release, centre_id=centre_id, persons=named.get((release["release_id"], centre_id), []))
        for release in releases
        for centre_id, erased in _centres(release["release_id"]).items()
        if not erased
        or (key := (release["release_id"], centre_id)) in named
        or (key not in logged and erased > cut)
    ]


def forget_parts(release_id: str, centre_ids: Sequence[str], by: str) -> dict[str, int]:
    """Replace the parts' files by tombstones, tell the centres, and forget whom each named; returns how many, by centre.

    Safe to repeat: by the last step, the event, a repetition knows that it is done.
    """
    erase_parts(release_id, list(centre_ids), texts(get_settings().language, "messages")["past_limit"])
    return {centre_id: _forget_named(release_id, centre_id, by) for centre_id in centre_ids}


def _forget_named(release_id: str, centre_id: str, by: str) -> int:
    with warehouse.connect() as connection:
        rows = connection.execute(FORGET_NAMED, [release_id, centre_id]).fetchall()
        persons = sorted({row[0] for row in rows})
        told = {"retention": "release_files", "persons": len(persons)}
        audit.record(
            connection,
            audit.Event(
                "erasure", by, recipient=centre_id, release_id=release_id, detail=told, persons=persons
            ),
        )
    return len(persons)


def _centres(release_id: str) -> dict[str, str]:
    """Since when each centre's part is a tombstone, or nothing; none where the release has no files here."""
    folder = get_settings().releases_path / release_id
    if not (folder / MANIFEST).exists():
        return {}
    centres = [entry["centre_id"] for entry in read_manifest(folder)["centres"]]
    return {centre: read_manifest(folder / centre).get("erased", {}).get("date", "") for centre in centres}


PUBLISHED = """
select release_id, (published_at at time zone 'Europe/Oslo')::date as published_at, as_of from meta.releases
where published_at is not null order by sequence
"""
NAMED = "select release_id, centre_id, array_agg(person_id) as persons from marts.named_persons group by 1, 2"
LOGGED = "select release_id, recipient from audit.events where action = 'erasure' and recipient is not null"
CUT = "select coalesce(max(detail -> 'cut' ->> 'day'), '') from audit.events where action = 'erasure'"
FORGET_NAMED = "delete from marts.named_persons where release_id = %s and centre_id = %s returning person_id"
