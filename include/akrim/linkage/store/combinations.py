"""Logs whose records of two or more agencies a run has put together, taken apart or moved."""

import psycopg

from akrim import audit


def log_combinations(connection: psycopg.Connection, release_id: str) -> None:
    """Log the run's combinations: its persons, and how many of them have records of which agencies together."""
    found = connection.execute(COMBINED, [release_id, release_id]).fetchall()
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
with moved as (
    select person_id from linkage.memberships where %s in (valid_from_release, valid_to_release)
    group by person_id, source, source_record_id
    having count(*) filter (where valid_from_release = %s) <> count(*) filter (where valid_to_release is not null)
),
groups as (
    select person_id, string_agg(distinct source, ', ' order by source) as agencies, count(*) as records,
        count(distinct source) as sources
    from linkage.person_records where person_id in (select person_id from moved) group by person_id
)
select person_id, agencies, records from groups where sources > 1
"""
