"""Erases a person from all that linkage stores: memberships, findings, first records, and the cache."""

from typing import NamedTuple

import psycopg

from akrim.linkage.incremental.cache import clear_cache


class LinkedPerson(NamedTuple):
    """Every id that is the person's alone, the present one first, and every record (source, extract, id) that was ever under one."""

    ids: list[str]
    records: list[tuple[str, str, str]]


def linked_person(connection: psycopg.Connection, person_id: str) -> LinkedPerson:
    """The person of this id; an id that was split off from others' is not theirs alone, and so is left out."""
    ids = [row[0] for row in connection.execute(IDS, {"id": person_id}).fetchall()]
    return LinkedPerson(ids, connection.execute(RECORDS, [ids]).fetchall())


def erase_person(connection: psycopg.Connection, person: LinkedPerson) -> None:
    """Erase a person in the caller's transaction; the whole cache is removed at once, as its files cannot be edited."""
    if person.records:
        clear_cache()
    for statement in ERASE:
        connection.execute(statement, [person.ids])


IDS = """
with recursive ids as (
    select linkage.resolve(%(id)s) as person_id
    union select h.old_person_id from ids join linkage.person_id_history as h on h.person_id = ids.person_id and h.change = 'merged'
)
select person_id from ids order by person_id <> linkage.resolve(%(id)s), 1
"""
RECORDS = """
select distinct source, extract, source_record_id from linkage.memberships where person_id = any(%s) order by 1, 2, 3
"""
ERASE = (
    "delete from linkage.findings as f using linkage.memberships as m where m.person_id = any(%s)"
    " and ((f.source_l, f.source_record_id_l) = (m.source, m.source_record_id)"
    " or (f.source_r, f.source_record_id_r) = (m.source, m.source_record_id))",
    # The ids stay, so that none is given out twice; which record each began with does not.
    "update linkage.persons as p set first_record_key = '' from linkage.memberships as m"
    " where m.person_id = any(%s) and p.first_record_key = m.source || '/' || m.source_record_id",
    "delete from linkage.review_sample_records as s using linkage.memberships as m where m.person_id = any(%s)"
    " and (m.source, m.source_record_id) in ((s.source, s.source_record_id), (s.anchor_source, s.anchor_source_record_id))",
    "delete from linkage.memberships where person_id = any(%s)",
)
