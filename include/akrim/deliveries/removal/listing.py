"""What lies here of each delivery: landing's rows, raw rows set aside, results of validation; and whether a record's stands."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from akrim.contracts import Extract, all_extracts, extracts_by_name
from akrim.deliveries.removal.records import Record, by_extract, read_landed
from akrim.deliveries.state.sequence import newest_sequence


class Delivered(NamedTuple):
    """Rows of one extract of a delivery that lie here: how many, and the dates that they can be counted from.

    `manifest_sha256` tells an id's refused deliveries apart; `extract` is empty for what is of the whole delivery.
    """

    delivery_id: str
    manifest_sha256: str
    agency: str
    extract: str
    delivered_at: date
    received_at: date
    rows: int


def delivered(connection: psycopg.Connection) -> list[Delivered]:
    """The rows in landing, by accepted delivery and extract."""
    return _read(connection, DELIVERED)


def set_aside(connection: psycopg.Connection) -> list[Delivered]:
    """The raw rows in quarantine, by delivery, also of refused ones."""
    return _read(connection, SET_ASIDE)


def without_contract(connection: psycopg.Connection) -> dict[str, int]:
    """The rows in landing of which there is no contract any more, by `agency.extract`: no limit is theirs, so that they stay for ever."""
    agreed = extracts_by_name()
    counted: Counter[str] = Counter()
    for lying in delivered(connection):
        if (lying.agency, lying.extract) not in agreed:
            counted[f"{lying.agency}.{lying.extract}"] += lying.rows
    return dict(sorted(counted.items()))


def results(connection: psycopg.Connection) -> list[Delivered]:
    """The results of validation, by delivery."""
    return _read(connection, RESULTS)


def still_delivered(connection: psycopg.Connection, records: Iterable[Record]) -> set[Record]:
    """Those of the records of which a row is kept as delivered, in whichever delivery."""
    keys = by_extract(records)
    return {
        (extract.agency, extract.name, key)
        for extract in all_extracts()
        if (asked := keys.get((extract.agency, extract.name)))
        for (key,) in read_landed(connection, extract, [extract.key.name], extract.key, asked)
    }


def still_delivering(connection: psycopg.Connection, records: Iterable[Record]) -> list[str]:
    """The agencies by whose newest deliveries, assessed or not, one of these records stands."""
    known = extracts_by_name()
    found = {
        agency
        for (agency, name), keys in by_extract(records).items()
        if (agency, name) in known and _stands(connection, known[agency, name], keys)
    }
    return sorted(found)


def _stands(connection: psycopg.Connection, extract: Extract, keys: list[str]) -> bool:
    query = sql.SQL("select 1 from {}(%s) as s where s.{} = any(%s) limit 1").format(
        sql.Identifier("state", extract.table), sql.Identifier(extract.key.name)
    )
    pins = newest_sequence(connection, extract.agency, is_append_only=extract.is_append_only)
    return connection.execute(query, [pins, keys]).fetchone() is not None


def _read(connection: psycopg.Connection, query: str) -> list[Delivered]:
    with connection.cursor(row_factory=class_row(Delivered)) as cursor:
        return cursor.execute(query.encode()).fetchall()


DELIVERED = """
select f.delivery_id, f.manifest_sha256, d.agency, f.extract,
    (coalesce(d.delivered_at, d.received_at) at time zone 'Europe/Oslo')::date as delivered_at,
    (d.received_at at time zone 'Europe/Oslo')::date as received_at,
    coalesce(r.rows_held, f.rows_loaded) as rows
from meta.delivery_files as f join meta.deliveries as d using (delivery_id, manifest_sha256)
left join meta.delivery_removals as r using (delivery_id, extract)
where d.status = 'accepted' and coalesce(r.rows_held, f.rows_loaded) > 0
order by d.delivered_at, f.delivery_id, f.extract
"""
SET_ASIDE = """
select d.delivery_id, d.manifest_sha256, d.agency, '' as extract,
    (coalesce(d.delivered_at, d.received_at) at time zone 'Europe/Oslo')::date as delivered_at,
    (d.received_at at time zone 'Europe/Oslo')::date as received_at, count(*) as rows
from quarantine.rows as q join meta.deliveries as d using (delivery_id, manifest_sha256)
where q.raw is not null group by d.delivery_id, d.manifest_sha256 order by d.received_at, d.delivery_id
"""
RESULTS = """
select d.delivery_id, d.manifest_sha256, d.agency, '' as extract,
    (coalesce(d.delivered_at, d.received_at) at time zone 'Europe/Oslo')::date as delivered_at,
    (d.received_at at time zone 'Europe/Oslo')::date as received_at, count(*) as rows
from meta.validation_results as v join meta.deliveries as d using (delivery_id, manifest_sha256)
group by d.delivery_id, d.manifest_sha256 order by d.received_at, d.delivery_id
"""
