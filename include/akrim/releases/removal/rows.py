"""A release's rows in the marts and beside them, which releases still need theirs, and removal of the others'."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from akrim import ledger
from akrim.releases.erasing.erased_rows import MENTIONING, OF_PERSONS
from akrim.releases.hidden_homes import hold_homes
from akrim.sending import in_force

# Whom a centre's part names is known for as long as the part is there.
NAMED = "named_persons"
SCHEMAS = ("marts", "oversight")


class ReleaseRows(NamedTuple):
    """The rows of one release, and the dates that they can be counted from.

    `is_removed` where only rows of persons who are held are left.
    """

    release_id: str
    published_at: date
    as_of: date
    rows: int
    is_removed: bool


def release_rows(connection: psycopg.Connection) -> list[ReleaseRows]:
    """How many rows each release has that is not being made; the oldest first. One that was held until another overtook it is made no more."""
    tables = [name for name in _tables(connection) if name[1] != NAMED]
    if not tables:
        return []
    counted = sql.SQL(" union all ").join(
        sql.SQL("select release_id, count(*) as rows from {} group by release_id").format(
            sql.Identifier(*name)
        )
        for name in tables
    )
    with connection.cursor(row_factory=class_row(ReleaseRows)) as cursor:
        about = {"overtaken": ledger.overtaken(connection)}
        return cursor.execute(sql.SQL(ROWS).format(counted=counted), about).fetchall()


def rested_on(connection: psycopg.Connection) -> dict[str, str]:
    """The releases that something rests on, each with what that is: nothing of them may go."""
    about = {"overtaken": ledger.overtaken(connection)}
    found: dict[str, str] = dict(connection.execute(RESTED_ON, about).fetchall())
    return found | dict.fromkeys(in_force(), "is in force")


def forget_rows(
    connection: psycopg.Connection, release_id: str, persons: Collection[str], centre_ids: Collection[str]
) -> tuple[int, int]:
    """Remove a release's rows in the caller's transaction; returns how many went, and how many stay.

    Args:
        persons: ids of persons whose rows stay.
        centre_ids: the centres whose parts of the release stand, of whom it stays known whom they name.
    """
    hold_homes(connection)
    removed = kept = 0
    for (schema, table), columns in _tables(connection).items():
        names = {"table": sql.Identifier(schema, table)}
        staying: list[sql.Composable] = [
            sql.SQL("coalesce({} = any(%(persons)s), false)").format(sql.Identifier(column))
            for column in columns
        ]
        staying += [sql.SQL("centre_id = any(%(centres)s)")] if table == NAMED else []
        condition = sql.SQL(" or ").join(staying) if staying else sql.SQL("false")
        values = {"release": release_id, "persons": list(persons), "centres": list(centre_ids)}
        removed += connection.execute(sql.SQL(FORGET).format(staying=condition, **names), values).rowcount
        ((left,),) = connection.execute(sql.SQL(COUNT).format(**names), values).fetchall()
        kept += left if table != NAMED else 0
    connection.execute("delete from meta.suppressed_rows where release_id = %s", [release_id])
    connection.execute(REMOVED, [release_id, removed])
    return removed, kept


def _tables(connection: psycopg.Connection) -> dict[tuple[str, str], list[str]]:
    """The tables with rows of releases, each with its columns that hold a person's id."""
    parameters = {"schemas": list(SCHEMAS), "of_persons": [*OF_PERSONS, *MENTIONING]}
    rows = connection.execute(TABLES, parameters).fetchall()
    return {(schema, table): columns for schema, table, columns in rows}


TABLES = """
select c.table_schema, c.table_name, coalesce(array_agg(c.column_name::text) filter (where c.column_name = any(%(of_persons)s)), '{}')
from information_schema.columns as c join information_schema.tables as t using (table_schema, table_name)
where c.table_schema = any(%(schemas)s) and t.table_type = 'BASE TABLE'
group by 1, 2 having bool_or(c.column_name = 'release_id') order by 1, 2
"""
ROWS = """
select r.release_id, (coalesce(r.published_at, r.reserved_at) at time zone 'Europe/Oslo')::date as published_at, r.as_of,
    sum(counted.rows)::bigint as rows,
    exists (select from meta.release_removals as gone where gone.release_id = r.release_id) as is_removed
from ({counted}) as counted join meta.releases as r using (release_id)
where r.status <> 'building' or r.release_id = any(%(overtaken)s) group by r.release_id order by r.sequence
"""
# The newest release, and the newest of an earlier period: the next one is compared with both.
RESTED_ON = """
with compared as (
    select release_id, period, as_of, revision from meta.releases
    where published_at is not null and status <> 'erased'
    order by as_of desc, revision desc
),
newest as (select * from compared limit 1),
before as (select c.* from compared as c join newest on c.period <> newest.period order by c.as_of desc, c.revision desc limit 1)
select release_id, 'the next release is compared with it' from newest
union all select release_id, 'the next release is compared with it' from before
union all (
    select release_id, 'linkage starts from it' from meta.releases
    where published_at is not null order by sequence desc limit 1
)
union all
select rested, 'a release that is being made rests on it' from meta.releases
cross join lateral unnest(array[release_id, base_release_id, previous_release_id, last_period_release_id]) as rested
where status = 'building' and release_id <> all(%(overtaken)s) and rested is not null
"""
FORGET = "delete from {table} where release_id = %(release)s and not ({staying})"
COUNT = "select count(*) from {table} where release_id = %(release)s"
REMOVED = """
insert into meta.release_removals as r (release_id, rows_removed) values (%s, %s)
on conflict (release_id) do update set rows_removed = r.rows_removed + excluded.rows_removed, removed_at = now()
"""
