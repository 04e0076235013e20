"""Erases a person from the correction cases, as the register, what releases left out and what they were pinned with have them."""

from collections.abc import Sequence

import psycopg

from akrim.corrections.pinned import forget_pinned
from akrim.deliveries.removal import Record


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
    forget_pinned(connection, cases, about["records"])


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
)
