"""Erases a person from all that linkage stores: memberships, findings, first records, and the cache."""

import psycopg

from akrim.linkage.incremental.cache import clear_cache


def erase_person(connection: psycopg.Connection, person_id: str) -> list[tuple[str, str, str]]:
    """Erase a person in the caller's transaction; the whole cache is removed at once, as its files cannot be edited.

    Returns the (source, extract, source_record_id) of every record that was ever the person's.
    """
    records = connection.execute(RECORDS, [person_id]).fetchall()
    if records:
        clear_cache()
    for statement in ERASE:
        connection.execute(statement, [person_id])
    return records


RECORDS = """
select distinct source, extract, source_record_id from linkage.memberships
where person_id = linkage.resolve(%s) order by 1, 2, 3
"""
ERASE = (
    "delete from linkage.findings as f using linkage.memberships as m where m.person_id = linkage.resolve(%s)"
    " and ((f.source_l, f.source_record_id_l) = (m.source, m.source_record_id)"
    " or (f.source_r, f.source_record_id_r) = (m.source, m.source_record_id))",
    # The ids stay, so that none is given out twice; which record each began with does not.
    "update linkage.persons as p set first_record_key = '' from linkage.memberships as m"
    " where m.person_id = linkage.resolve(%s) and p.first_record_key = m.source || '/' || m.source_record_id",
    "delete from linkage.memberships where person_id = linkage.resolve(%s)",
)
