"""A person is taken out of all that linkage holds: memberships, findings, and the files of its last runs."""

import psycopg

from akrim.linkage.incremental.state_files import forget_kept


def erase_person(connection: psycopg.Connection, person_id: str) -> list[tuple[str, str, str]]:
    """Erase a person, in the caller's transaction; the files, which cannot be taken apart, go at once and for everybody.

    Returns the (source, extract, source_record_id) of every record that was ever the person's.
    """
    records = connection.execute(RECORDS, [person_id]).fetchall()
    if records:
        forget_kept()
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
    "delete from linkage.memberships where person_id = linkage.resolve(%s)",
)
