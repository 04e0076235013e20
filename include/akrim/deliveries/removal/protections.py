"""Finds and removes the statements on protected addresses that hide nothing that is kept; the caller says how long they are kept.

A record's statements are kept or removed together: the last of them says whether all of them hold.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

import psycopg
from psycopg import sql

from akrim.contracts import Column, Extract, all_extracts
from akrim.deliveries.removal.listing import still_delivered
from akrim.deliveries.removal.records import Record, read_landed


class Protected(NamedTuple):
    """What is said of one record: the newest day and every delivery that said it, the rows, and why they stay though they are old enough."""

    record: Record
    day: date
    deliveries: list[str]
    rows: int
    needed: str = ""


def protected_records(connection: psycopg.Connection, until: date) -> list[Protected]:
    """Every record that a statement is about, by its newest day.

    Its statements stay for as long as anything is kept that they can hide: a row or a link of the record, a row that bears its
    number, or one at its address. To find that out looks through all that is kept.

    Args:
        until: of records of later days it is not asked why they stay.
    """
    found = connection.execute(FOUND).fetchall()
    records = [Protected((agency, extract, key), *further) for agency, extract, key, *further in found]
    needed = _needed(connection, [one.record for one in records if one.day <= until])
    return [one._replace(needed=needed.get(one.record, "")) for one in records]


def forget_statements(connection: psycopg.Connection, records: Collection[Record]) -> int:
    """Remove all that is said of these records, in the caller's transaction; returns how many rows went."""
    return connection.execute(FORGET, _arrays(records)).rowcount


def _needed(connection: psycopg.Connection, records: list[Record]) -> dict[Record, str]:
    """Why statements on these records stay, by record; those of which nothing is kept that they can hide are left out."""
    if not records:
        return {}
    linked = {tuple(row) for row in connection.execute(LINKED).fetchall()}
    needed = {r: "the person's links are kept" for r in records if (r[0], r[2]) in linked}
    needed |= dict.fromkeys(still_delivered(connection, records), "the person is delivered")
    return needed | _borne_by_others(connection, [record for record in records if record not in needed])


def _borne_by_others(connection: psycopg.Connection, records: list[Record]) -> dict[Record, str]:
    """Of records of which nothing is kept, those whose number stands in another row that is; else those whose address does, which costs more."""
    numbers: dict[str, set[Record]] = defaultdict(set)
    for agency, extract, key, number in connection.execute(NUMBERS, _arrays(records)).fetchall():
        numbers[number].add((agency, extract, key))
    shown = {
        record: "its number is delivered"
        for number in _written(connection, numbers)
        for record in numbers[number]
    }
    others = [record for record in records if record not in shown]
    addresses: dict[bytes, set[Record]] = defaultdict(set)
    postcodes: set[str] = set()
    for agency, extract, key, digest, postcode in connection.execute(ADDRESSES, _arrays(others)).fetchall():
        addresses[digest].add((agency, extract, key))
        postcodes.add(postcode)
    return shown | {
        record: "its address is delivered"
        for digest in _borne(connection, addresses, postcodes)
        for record in addresses[digest]
    }


def _written(connection: psycopg.Connection, numbers: Collection[str]) -> Iterator[str]:
    """Those of the person numbers that stand in a kept row."""
    for extract in all_extracts() if numbers else ():
        for column in extract.columns_meaning("personNumber"):
            for (number,) in read_landed(connection, extract, [column.name], column, numbers):
                yield number


def _borne(
    connection: psycopg.Connection, digests: Collection[bytes], postcodes: set[str]
) -> Iterator[bytes]:
    """Those of the digests of addresses that a kept row bears."""
    for extract in all_extracts():
        for street, postcode in _addresses(extract):
            if digests:
                names = {"street": street.name, "postcode": postcode.name, "table": extract.table}
                query = sql.SQL(BORNE).format(
                    **{name: sql.Identifier(value) for name, value in names.items()}
                )
                about = {"digests": list(digests), "postcodes": list(postcodes)}
                for (digest,) in connection.execute(query, about):
                    yield digest


def _addresses(extract: Extract) -> Iterator[tuple[Column, Column]]:
    """The extract's street addresses, each with its postcode."""
    by_path = {column.path: column for column in extract.columns}
    for path, column in by_path.items():
        within, _, name = path.rpartition(".")
        postcode = by_path.get(f"{within}.postnummer" if within else "postnummer")
        if name == "adresse" and postcode:
            yield column, postcode


def _arrays(records: Collection[Record]) -> dict[str, list[str]]:
    agencies, extracts, keys = zip(*records, strict=True) if records else ((), (), ())
    return {"agencies": list(agencies), "extracts": list(extracts), "keys": list(keys)}


FOUND = """
select s.agency, s.extract, s.record_id, max(coalesce(d.delivered_at, d.received_at) at time zone 'Europe/Oslo')::date as day,
    array_agg(distinct d.delivery_id) as deliveries, count(*) as rows
from landing.protection_statements as s join meta.deliveries as d on d.delivery_id = s.delivery_id and d.status = 'accepted'
group by 1, 2, 3 order by day, 1, 2, 3
"""
LINKED = """
select distinct m.source, m.source_record_id from linkage.person_record_history as m
join landing.protection_statements as s on (s.agency, s.record_id) = (m.source, m.source_record_id)
"""
OF_RECORDS = """
from landing.protection_statements as s
join unnest(%(agencies)s::text[], %(extracts)s::text[], %(keys)s::text[]) as wanted (agency, extract, key)
    on (s.agency, s.extract, s.record_id) = (wanted.agency, wanted.extract, wanted.key)
"""
NUMBERS = f"""
select distinct s.agency, s.extract, s.record_id, number {OF_RECORDS}
cross join lateral unnest(array[s.identifier, s.previous_identifier]) as number where number is not null
"""
# One without a postcode counts everywhere, and so does a row without one.
ADDRESSES = f"""
select distinct s.agency, s.extract, s.record_id, digest, coalesce(nullif(btrim(s.postcode), ''), '') {OF_RECORDS}
cross join lateral meta.protected_address_digests(s.street_address, s.postcode) as digest
"""
BORNE = """
with nearby as (
    select distinct {street} as street, {postcode} as postcode from landing.{table}
    where {street} is not null and (
        coalesce(btrim({postcode}), '') = '' or '' = any(%(postcodes)s) or btrim({postcode}) = any(%(postcodes)s)
    )
)
select distinct digest from nearby cross join lateral meta.borne_address_digests(street, postcode) as digest
where digest = any(%(digests)s::bytea[])
"""
FORGET = """
delete from landing.protection_statements as s
using unnest(%(agencies)s::text[], %(extracts)s::text[], %(keys)s::text[]) as gone (agency, extract, key)
where (s.agency, s.extract, s.record_id) = (gone.agency, gone.extract, gone.key)
"""
