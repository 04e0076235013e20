"""Erases a person from the correction cases, as the register, what releases left out and what they were pinned with have them."""

from collections.abc import Sequence

import psycopg

Record = tuple[str, str, str]


def erase_disputes(connection: psycopg.Connection, records: Sequence[Record], rows: Sequence[Record]) -> None:
    """Erase a person's cases and those on her rows; where another's kept her record apart, it is named no more.

    What she disputed is gone, so that no later release needs a case to leave it out; nor is one made only because her case is.

    Args:
        records: agency, extract and key of each of her records.
        rows: the same of every delivered row that went with her.
    """
    about = {
        "records": [f"{agency}/{key}" for agency, _, key in records],
        "rows": ["/".join(row) for row in rows],
    }
    cases = [row[0] for row in connection.execute(HERS, about).fetchall()]
    for statement in ERASE:
        connection.execute(statement, about | {"cases": cases})


HERS = """
select distinct case_id from meta.corrections
where concat_ws('/', agency, extract, source_row_id) = any(%(rows)s)
    or concat_ws('/', person_source, person_source_record_id) = any(%(records)s)
"""
ERASE = (
    "delete from meta.corrections where case_id = any(%(cases)s)",
    "delete from meta.suppressed_rows where case_id = any(%(cases)s)",
    """
    update meta.corrections set other_source = null, other_source_record_id = null
    where concat_ws('/', other_source, other_source_record_id) = any(%(records)s)""",
    """
    update meta.releases as r set pins = jsonb_set(pins, '{corrections}', (
        select coalesce(jsonb_agg(
            pinned.item || case when pinned.item -> 'kept_apart_from' ?| %(records)s
                then jsonb_build_object('kept_apart_from', (pinned.item -> 'kept_apart_from') - %(records)s::text[]) else '{}' end
            order by pinned.place
        ), '[]')
        from jsonb_array_elements(r.pins -> 'corrections') with ordinality as pinned (item, place)
        where pinned.item ->> 'case_id' <> all(%(cases)s)
    ))
    where exists (
        select from jsonb_array_elements(r.pins -> 'corrections') as item
        where item ->> 'case_id' = any(%(cases)s) or item -> 'kept_apart_from' ?| %(records)s
    )""",
)
