"""The deliveries that came and the rows that were set aside, as lists show them."""

from typing import Any

from psycopg.rows import dict_row

from akrim import warehouse

Row = dict[str, Any]

DELIVERIES = """
    select d.delivery_id, case when w.delivery_id is null then d.status else 'withdrawn' end as status, d.period, d.mode, d.delivered_at::text as delivered_at, d.reason,
        case when w.delivery_id is null then d.detail else format('by %%s: %%s', w.by_name, w.reason) end as detail, d.notes,
        coalesce(sum(f.rows_declared), 0)::bigint as declared, coalesce(sum(f.rows_loaded), 0)::bigint as loaded,
        coalesce(sum(f.rows_quarantined), 0)::bigint as set_aside
    from meta.deliveries as d
    left join meta.delivery_files as f using (delivery_id, manifest_sha256)
    left join meta.delivery_withdrawals as w on w.delivery_id = d.delivery_id and d.status = 'accepted'
    where (%(agency)s::text is null or d.agency = %(agency)s) and (%(period)s::text is null or d.period = %(period)s)
    group by d.delivery_id, d.manifest_sha256, w.delivery_id
    order by d.delivered_at nulls first, d.delivery_id, d.received_at
"""
QUARANTINE = """
    select delivery_id, extract, row_number, rows.reason, expectation, raw
    from quarantine.rows join meta.deliveries using (delivery_id, manifest_sha256)
    where (%(agency)s::text is null or agency = %(agency)s)
    and (%(delivery)s::text is null or delivery_id = %(delivery)s) and (%(reason)s::text is null or rows.reason = %(reason)s)
    order by delivery_id, extract, row_number limit %(limit)s
"""


def list_deliveries(agency: str | None = None, period: str | None = None) -> list[Row]:
    """Every delivery, or an agency's or a period's, in the order in which they were delivered."""
    return _read(DELIVERIES, {"agency": agency, "period": period})


def list_quarantined(agency: str | None, delivery: str | None, reason: str | None, limit: int) -> list[Row]:
    """At most so many rows that were set aside, by delivery, extract and row; `raw` is the row as sent."""
    return _read(QUARANTINE, {"agency": agency, "delivery": delivery, "reason": reason, "limit": limit})


def _read(query: str, parameters: Row) -> list[Row]:
    warehouse.prepare()
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), parameters).fetchall()
