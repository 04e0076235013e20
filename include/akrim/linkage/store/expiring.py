"""Removes links that no longer hold and are past their limit, with what linkage keeps beside the database of them."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row


class EndedLinks(NamedTuple):
    """Memberships and findings that a release's run ended: how many, and the dates that they can be counted from.

    `told_by` are the releases that were linked until then, this one included, and so may tell of such a link.
    """

    release_id: str
    told_by: list[str]
    published_at: date
    as_of: date
    rows: int


def ended_links(connection: psycopg.Connection) -> list[EndedLinks]:
    """What each release's run ended, in the order of the runs."""
    with connection.cursor(row_factory=class_row(EndedLinks)) as cursor:
        return cursor.execute(ENDED).fetchall()


def last_links(connection: psycopg.Connection) -> list[tuple[str, tuple[str, str, str]]]:
    """Of each record that is nobody's any more, the run that ended its last membership, by release, and the record (agency, extract, key)."""
    rows = connection.execute(LAST).fetchall()
    return [(release_id, (source, extract, key)) for release_id, source, extract, key in rows]


def forget_ended(
    connection: psycopg.Connection,
    release_id: str,
    persons: Collection[str],
    records: Collection[tuple[str, str, str]],
    delivered: Collection[tuple[str, str, str]],
) -> int:
    """Remove what a release's run ended, in the caller's transaction; returns how many rows went.

    Before it ends the caller removes the cache as a whole (`clear_cache`), since its lower layers keep such rows.

    Args:
        persons: ids whose memberships stay.
        records: records (agency, extract, key) whose findings stay.
        delivered: records whose memberships stay, since whose their rows are is known by nothing else.
    """
    held = {
        "release": release_id,
        "persons": list(persons),
        "sources": [source for source, _, _ in records],
        "ids": [key for _, _, key in records],
        "delivered": [f"{source}/{key}" for source, _, key in delivered],
    }
    removed = sum(connection.execute(statement, held).rowcount for statement in FORGET)
    connection.execute(FORGET_HOLDERS, held)
    if removed:
        for statement in AFTERWARDS:
            connection.execute(statement)
    return removed


ENDED = """
with ended as (
    select valid_to_release as release_id from linkage.memberships where valid_to_release is not null
    union all select valid_to_release from linkage.findings where valid_to_release is not null
)
select r.release_id,
    array(select earlier.release_id from linkage.runs as earlier where earlier.run_number <= n.run_number order by earlier.run_number)
        as told_by, (coalesce(r.published_at, r.reserved_at) at time zone 'Europe/Oslo')::date as published_at, r.as_of, count(*) as rows
from ended join meta.releases as r using (release_id) join linkage.runs as n using (release_id)
where r.status <> 'building'
group by r.release_id, n.run_number order by n.run_number
"""
LAST = """
select distinct on (m.source, m.source_record_id) m.valid_to_release, m.source, m.extract, m.source_record_id
from linkage.memberships as m join linkage.runs as n on n.release_id = m.valid_to_release
where not exists (
    select from linkage.person_records as now where (now.source, now.source_record_id) = (m.source, m.source_record_id)
)
order by m.source, m.source_record_id, n.run_number desc
"""
FORGET = (
    """
    delete from linkage.findings as f where f.valid_to_release = %(release)s and not exists (
        select from unnest(%(sources)s::text[], %(ids)s::text[]) as held (source, id)
        where (held.source, held.id) in ((f.source_l, f.source_record_id_l), (f.source_r, f.source_record_id_r))
    )""",
    """
    delete from linkage.memberships where valid_to_release = %(release)s and person_id <> all(%(persons)s::text[])
        and source || '/' || source_record_id <> all(%(delivered)s::text[])""",
)
# That the key was somebody else's stays, so that nothing decided on that one comes to be about who has it now.
FORGET_HOLDERS = """
update linkage.given_away set person_id = '' where release_id = %(release)s and person_id <> all(%(persons)s::text[])
    and source || '/' || source_record_id <> all(%(delivered)s::text[])
"""
# The ids stay, so that none is given out twice; which record each began with does not, nor who was drawn for review.
AFTERWARDS = (
    """
    update linkage.persons as p set first_record_key = '' where first_record_key <> '' and not exists (
        select from linkage.memberships as m where m.source || '/' || m.source_record_id = p.first_record_key
    )""",
    """
    delete from linkage.review_sample_records as s where not exists (
        select from linkage.memberships as m where (m.source, m.source_record_id) = (s.source, s.source_record_id)
    )""",
)
