"""Erases a person from the correction cases, as the register, what releases left out and what they were pinned with have them."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

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
        **_on_keys("before", before),
        **_on_keys("others", of_others),
    }
    cases = [row[0] for row in connection.execute(HERS, about).fetchall()]
    for statement in ERASE:
        connection.execute(statement, about | {"cases": cases})
    forget_pinned(connection, cases, own)


def _on_keys(name: str, had: Sequence[Before]) -> dict[str, Any]:
    """The parameters of OPENED_THEN."""
    return {
        f"{name}_records": [f"{agency}/{key}" for agency, _, key, *_ in had],
        f"{name}_rows": ["/".join(row[:3]) for row in had],
        f"{name}_until": [until for *_, until in had],
    }


# Whether a case was opened on one of these keys before somebody else had it.
OPENED_THEN = sql.SQL("""exists (
    select from unnest({records}::text[], {rows}::text[], {until}::timestamptz[]) as was (record, row, until)
    where recorded_at < was.until and (
        concat_ws('/', agency, extract, source_row_id) = was.row or concat_ws('/', person_source, person_source_record_id) = was.record
    )
)""")
OF_HERS, OF_OTHERS = (
    OPENED_THEN.format(**{part: sql.Placeholder(f"{name}_{part}") for part in ("records", "rows", "until")})
    for name in ("before", "others")
)
HERS = sql.SQL("""
select distinct case_id from meta.corrections
where (
    concat_ws('/', agency, extract, source_row_id) = any(%(rows)s)
    or concat_ws('/', person_source, person_source_record_id) = any(%(records)s)
) and not {others} or {hers}
""").format(others=OF_OTHERS, hers=OF_HERS)
ERASE = (
    "delete from meta.corrections where case_id = any(%(cases)s)",
    "delete from meta.suppressed_rows where case_id = any(%(cases)s)",
    """
    update meta.corrections set other_source = null, other_source_record_id = null
    where concat_ws('/', other_source, other_source_record_id) = any(%(records)s)""",
)
