"""Takes a correction case out of what releases in the database were pinned with, with its reasons."""

from collections.abc import Sequence

import psycopg


def forget_pinned(connection: psycopg.Connection, cases: Sequence[str], records: Sequence[str] = ()) -> None:
    """Forget the cases, and in others' that these records were kept apart: nor is a release made only because a case is gone.

    Args:
        cases: their numbers.
        records: each as agency/key.
    """
    connection.execute(FORGET, {"cases": list(cases), "records": list(records)})


FORGET = """
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
)
"""
