"""Logs whose records of two or more agencies a run has put together, taken apart or moved."""

import psycopg

from akrim import audit


def log_combinations(connection: psycopg.Connection, release_id: str) -> None:
    """Log the run's combinations: its persons, and how many of them have records of which agencies together."""
    found = connection.execute(COMBINED, {"release": release_id}).fetchall()
    together: dict[str, dict[str, int]] = {}
    for _, agencies, records in found:
        counted = together.setdefault(agencies, {"persons": 0, "links": 0})
        counted["persons"] += 1
        counted["links"] += records - 1
    event = audit.Event(
        "combination",
        release_id=release_id,
        detail={"by_agencies": together},
        persons=[person_id for person_id, _, _ in found],
    )
    audit.record(connection, event)


# A membership that only weighs otherwise, or whose record has other content, is closed and opened again for the same person.
COMBINED = """
with changed as (
    select person_id, source, source_record_id, 1 as opened from linkage.memberships where valid_from_release = %(release)s
    union all
    select person_id, source, source_record_id, -1 from linkage.memberships where valid_to_release = %(release)s
),
moved as (
    select person_id from changed group by person_id, source, source_record_id having sum(opened) <> 0
),
counted as (
    select person_id, source, count(*) as records
    from linkage.person_records where person_id in (select person_id from moved) group by person_id, source
)
select person_id, string_agg(source, ', ' order by source) as agencies, sum(records)::integer as records
from counted group by person_id having count(*) > 1
"""
