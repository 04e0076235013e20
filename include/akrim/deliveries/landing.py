"""From contracts to the tables that rows land in, and to each extract's state.

`landing.<agency>_<extract>` keeps every accepted delivery's rows as text, one partition a delivery.
`state.<agency>_<extract>(pins)` gives the extract's rows as they stand when the deliveries in `pins` have been
applied in that order: the newest row of each key, without removed rows and without the children of parents that
are gone; given a release too, without the rows about one person alone that this person
disputes: a row that concerns others too is left out where it meets the person. All are derived from the contract alone, so an agency gets them by its YAML file.
"""

import hashlib

import psycopg
from psycopg import sql

from akrim.contracts import Column, Contract, Extract, load_contracts
from akrim.warehouse import connect

BOOKKEEPING = (
    ("delivery_id", "text"),
    ("row_number", "bigint"),
    ("is_removed", "boolean"),
    ("invalid_columns", "text[]"),
)


def prepare_landing() -> None:
    """Make or widen every contract's landing table and replace its state function; cheap when nothing changed."""
    statements = [s for contract in load_contracts().values() for s in _statements(contract)]
    version = hashlib.sha256("".join(statements).encode()).hexdigest()
    with connect() as connection:
        known = connection.execute(
            "select 1 from meta.schema_version where version = %s", [version]
        ).fetchone()
        if known is None:
            connection.execute("select pg_advisory_xact_lock(hashtext('akrim.prepare'))")
            for statement in statements:
                connection.execute(statement.encode())
            connection.execute(
                "insert into meta.schema_version values (%s) on conflict do nothing", [version]
            )


def add_partition(connection: psycopg.Connection, extract: Extract, delivery_id: str) -> sql.Identifier:
    """An empty partition of the extract's landing table for one delivery; returns its name."""
    digest = hashlib.sha256(delivery_id.encode()).hexdigest()[:8]
    partition = sql.Identifier("landing", f"{extract.table}__{digest}")
    connection.execute(
        sql.SQL("create table {} partition of {} for values in ({})").format(
            partition, sql.Identifier("landing", extract.table), sql.Literal(delivery_id)
        )
    )
    return partition


def _statements(contract: Contract) -> list[str]:
    return [
        statement
        for extract in contract.extracts
        for statement in (*_landing_table(extract), _state_function(extract), _undisputed_function(extract))
    ]


def _landing_table(extract: Extract) -> list[str]:
    bookkeeping = ", ".join(f"{name} {kind}" for name, kind in BOOKKEEPING)
    table = f"landing.{extract.table}"
    return [
        f"create table if not exists {table} ({bookkeeping}) partition by list (delivery_id)",
        *(f"alter table {table} add column if not exists {c.name} text" for c in extract.columns),
        *(
            f"comment on column {table}.{c.name} is {sql.Literal(c.description).as_string()}"
            for c in extract.columns
        ),
    ]


def _state_function(extract: Extract) -> str:
    """The newest row per key among the pinned deliveries, as a function that PostgreSQL inlines.

    Only deltas can replace a row, so the anti-joins read no full delivery but the first. A child that is older than
    a removal of its parent is gone for good, even where the parent comes back.
    """
    key = extract.key.name
    orphaned = "".join(
        f"""
        and {_parent_stands(extract.agency, column, parent)}
        and not exists (
            select 1 from landing.{extract.agency}_{parent} as gone
            where gone.delivery_id = any(pins[2:]) and gone.is_removed
            and gone.{column.parent[1].lower() if column.parent else ""} = r.{column.name}
            and array_position(pins, gone.delivery_id) > array_position(pins, r.delivery_id)
        )"""
        for column, parent in extract.parents
    )
    return f"""
        create or replace function state.{extract.table}(pins text[]) returns setof landing.{extract.table}
        language sql stable parallel safe as $$
        select r.*
        from landing.{extract.table} as r
        where r.delivery_id = any(pins)
        and not r.is_removed
        and not exists (
            select 1 from landing.{extract.table} as newer
            where newer.delivery_id = any(pins[2:])
            and newer.{key} = r.{key}
            and array_position(pins, newer.delivery_id) > array_position(pins, r.delivery_id)
        ){orphaned}
        $$
    """


def _undisputed_function(extract: Extract) -> str:
    return f"""
        create or replace function state.{extract.table}(pins text[], release text)
        returns setof landing.{extract.table} language sql stable parallel safe as $$
        select r.* from state.{extract.table}(pins) as r
        where not exists (
            select 1 from meta.suppressed_rows as s
            where s.release_id = release and s.agency = '{extract.agency}'
            and s.extract = '{extract.name}' and s.source_row_id = r.{extract.key.name} and s.is_own_row
        )
        $$
    """


def _parent_stands(agency: str, column: Column, parent: str) -> str:
    """Whether the row's parent is in its extract's state; a plain `exists` where it can be, which plans as a join."""
    key = (column.parent or ("", ""))[1].lower()
    stands = f"exists (select 1 from state.{agency}_{parent}(pins) as p where p.{key} = r.{column.name})"
    return stands if column.is_required else f"(r.{column.name} is null or {stands})"
