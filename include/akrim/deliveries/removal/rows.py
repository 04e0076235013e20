"""Removal of what lies here of a delivery: landing's rows, raw rows set aside, results of validation.

A delivery's row in the register stays, with what was counted; so does why a row was set aside. Nothing is removed that the
caller does not name.
"""

from collections.abc import Iterable

import psycopg
from psycopg import sql

from akrim.contracts import Extract, extracts_by_name, load_contracts
from akrim.deliveries.landing import partition_of
from akrim.deliveries.removal.held_keys import held_keys
from akrim.deliveries.removal.listing import Delivered
from akrim.deliveries.removal.passed_on import person_numbers
from akrim.deliveries.removal.records import Record
from akrim.deliveries.removal.set_aside import TEXT_OF_NUMBERS, keys_aside
from akrim.texts.errors import SaidError


def drop_rows(connection: psycopg.Connection, unit: Delivered, held: Iterable[Record]) -> tuple[int, int]:
    """Remove the rows of one extract of a delivery from landing; returns how many went, and how many stay.

    Args:
        held: records whose rows stay, with the rows that belong to them.
    """
    extract = load_contracts()[unit.agency].extract(unit.extract)
    keys = held_keys(connection, unit.agency, held, ever=True)[extract.name]
    partition = partition_of(extract, unit.delivery_id)
    kept = _delete_others(connection, extract, partition, keys) if keys else 0
    if not kept:
        connection.execute(sql.SQL("drop table if exists {}").format(partition))
    removed = unit.rows - kept
    connection.execute(REMOVED, [unit.delivery_id, unit.extract, removed, kept])
    return removed, kept


def forget_set_aside(
    connection: psycopg.Connection, unit: Delivered, held: Iterable[Record]
) -> tuple[int, int]:
    """Remove the raw rows of a delivery from quarantine: that and why they were set aside stays.

    Args:
        held: records whose rows stay, by their keys or by a person number of theirs, as an erasure and an export find them.
    """
    known = extracts_by_name()
    held = [record for record in held if record[:2] in known]
    kept = (
        list(keys_aside(connection, unit.agency, held, ever=True)) if unit.agency in load_contracts() else []
    )
    extracts, paths, values = zip(*kept, strict=True) if kept else ((), (), ())
    numbers = [f"%{number}%" for number in person_numbers(connection, held, ever=True)]
    about = [unit.delivery_id, unit.manifest_sha256, list(extracts), list(paths), list(values), numbers]
    gone = connection.execute(FORGET_SET_ASIDE, about).rowcount
    return gone, unit.rows - gone


def forget_results(connection: psycopg.Connection, unit: Delivered) -> int:
    """Remove the results of validation of a delivery, in which nobody is; returns how many went."""
    return connection.execute(FORGET_RESULTS, [unit.delivery_id, unit.manifest_sha256]).rowcount


def require_rows(connection: psycopg.Connection, delivery_ids: Iterable[str]) -> None:
    """Raise SaidError where rows of one of these deliveries were removed: no state can be made of it any more."""
    for delivery_id, day in without_rows(connection, delivery_ids)[:1]:
        raise SaidError("rows_removed", "meta.delivery_removals", delivery=delivery_id, day=day)


def without_rows(connection: psycopg.Connection, delivery_ids: Iterable[str]) -> list[tuple[str, str]]:
    """Those of these deliveries of which rows were removed, each with the day of it."""
    return connection.execute(REMOVED_OF, [list(delivery_ids)]).fetchall()


def _delete_others(
    connection: psycopg.Connection, extract: Extract, partition: sql.Identifier, keys: set[str]
) -> int:
    """Delete all rows but those with these keys; returns how many stay."""
    names = {"partition": partition, "key": sql.Identifier(extract.key.name)}
    connection.execute(
        sql.SQL("delete from {partition} where {key} <> all(%s)").format(**names), [sorted(keys)]
    )
    left = connection.execute(sql.SQL("select count(*) from {partition}").format(**names)).fetchone()
    return int(left[0]) if left else 0


REMOVED = """
insert into meta.delivery_removals as r (delivery_id, extract, rows_removed, rows_held) values (%s, %s, %s, %s)
on conflict (delivery_id, extract) do update
set rows_removed = r.rows_removed + excluded.rows_removed, rows_held = excluded.rows_held, removed_at = now()
"""
# Of a record with too many or too few fields it is not known which is which.
FORGET_SET_ASIDE = sql.SQL("""
update quarantine.rows as q set raw = null where q.delivery_id = %s and q.manifest_sha256 = %s and q.raw is not null
and not exists (
    select from unnest(%s::text[], %s::text[], %s::text[]) as held (extract, path, key)
    where held.extract = q.extract and (q.raw ->> held.path = held.key or q.raw -> 'fields' ? held.key)
) and not ({text} like any(%s))
""").format(text=TEXT_OF_NUMBERS)
FORGET_RESULTS = "delete from meta.validation_results where delivery_id = %s and manifest_sha256 = %s"
REMOVED_OF = """
select delivery_id, to_char(max(removed_at) at time zone 'Europe/Oslo', 'YYYY-MM-DD') from meta.delivery_removals
where delivery_id = any(%s) group by delivery_id order by delivery_id
"""
