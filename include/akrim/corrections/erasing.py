"""Erases a person from the correction cases, as the register, what releases left out and what they were pinned with have them."""

from collections.abc import Sequence
from typing import Any

import psycopg

from akrim.corrections.pinned import forget_pinned
from akrim.deliveries.removal import Before, Record


def erase_disputes(
    connection: psycopg.Connection,
    records: Sequence[Record],
    rows: Sequence[Record],
    before: Sequence[Before] = (),
    of_others: Sequence[Before] = (),
) -> None:
    """Erase a person's cases and those on her rows; where another's kept her record apart, it is named no more.

    What she disputed is gone, so that no later release needs a case to leave it out; nor is one made only because her case is.

    Args:
        records: agency, extract and key of each of her records.
        rows: the same of every other delivered row that went with her.
        before: records that were hers, whose keys are another's by now: what was opened on them until then.
        of_others: records of hers whose keys were another's before, whose cases of then stay.
    """
    own = [f"{agency}/{key}" for agency, _, key in records]
    about: dict[str, Any] = {
        "records": own,
        "rows": ["/".join(row) for row in (*records, *rows)],
        "before": [f"{agency}/{key}" for agency, _, key, *_ in before],
        "before_rows": ["/".join(row[:3]) for row in before],
        "until": [until for *_, until in before],
        "of_others": [f"{agency}/{key}" for agency, _, key, *_ in of_others],
        "of_others_rows": ["/".join(row[:3]) for row in of_others],
        "others_until": [until for *_, until in of_others],
    }
    cases = [row[0] for row in connection.execute(HERS, about).fetchall()]
    for statement in ERASE:
        connection.execute(statement, about | {"cases": cases})
    forget_pinned(connection, cases, own)


HERS = """
select distinct case_id from meta.corrections
where (
        concat_ws('/', agency, extract, source_row_id) = any(%(rows)s)
        or concat_ws('/', person_source, person_source_record_id) = any(%(records)s)
    ) and not exists (
        select from unnest(%(of_others)s::text[], %(of_others_rows)s::text[], %(others_until)s::timestamptz[]) as was (record, row, until)
        where recorded_at < was.until and (
            concat_ws('/', agency, extract, source_row_id) = was.row or concat_ws('/', person_source, person_source_record_id) = was.record
        )
    )
    or exists (
        select from unnest(%(before)s::text[], %(before_rows)s::text[], %(until)s::timestamptz[]) as was (record, row, until)
        where recorded_at < was.until and (
            concat_ws('/', agency, extract, source_row_id) = was.row or concat_ws('/', person_source, person_source_record_id) = was.record
        )
    )
"""
ERASE = (
    "delete from meta.corrections where case_id = any(%(cases)s)",
    "delete from meta.suppressed_rows where case_id = any(%(cases)s)",
    """
    update meta.corrections set other_source = null, other_source_record_id = null
    where concat_ws('/', other_source, other_source_record_id) = any(%(records)s)""",
)
