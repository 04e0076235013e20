"""The extracts as an assessment finds them: how each compares with the one before, and what was confirmed of it."""

from typing import Any

import psycopg

from akrim.periods import Period
from akrim.warehouse import read_rows

# The newest of each extract. What was accepted before states were kept counts as an agency's first.
EXTRACTS = """
select distinct on (f.extract) f.extract, d.period, f.delivery_id, coalesce(f.state, 'first') as state, f.as_of::text as as_of,
    f.rows_standing as rows, f.rows_usual, f.state is not null as is_compared,
    exists (
        select from meta.extract_confirmations as c
        where (c.delivery_id, c.extract, c.state, c.content_digest) = (f.delivery_id, f.extract, f.state, f.content_digest)
    ) as is_confirmed
from meta.delivery_files as f join meta.deliveries as d using (delivery_id, manifest_sha256)
where d.status = 'accepted' and f.delivery_id = any(%s) and (f.file_name is not null or f.state is not null)
order by f.extract, d.period desc, d.delivered_at desc, d.delivery_id desc
"""


def pinned_extracts(connection: psycopg.Connection, sequence: list[str]) -> dict[str, dict[str, Any]]:
    """Each extract's state after these deliveries: its word, its rows, and the last day that its newest facts can be of."""
    return {row.pop("extract"): _pinned(row) for row in read_rows(connection, EXTRACTS, [sequence])}


def _pinned(row: dict[str, Any]) -> dict[str, Any]:
    end, is_compared = Period.parse(row.pop("period")).as_of, row.pop("is_compared")
    return row if is_compared else row | {"as_of": str(end)}
