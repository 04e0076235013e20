"""From contracts to the tables that rows land in, and to each extract's state.

`landing.<agency>_<extract>` keeps every accepted delivery's rows as text, one partition a delivery.
`state.<agency>_<extract>(pins)` gives the extract's rows as they stand when the deliveries in `pins` have been
applied in that order: the newest row of each key, without removed rows and without the children of parents that
are gone; given a release too, without the rows about one person alone that this person
disputes: a row that concerns others too is left out where it meets the person; given a second release, without what the sharing
matrix kept from the assessment when that was pinned. All are derived from the contract alone, so an agency gets them by its YAML file.
"""

import hashlib
import json

import psycopg
from psycopg import sql

from akrim.contracts import Column, Contract, Extract, load_contracts
from akrim.deliveries.upgrading import recode_landed, rename_landed
from akrim.warehouse import apply_definitions

BOOKKEEPING = (
    ("delivery_id", "text"),
    ("row_number", "bigint"),
    ("is_removed", "boolean"),
    ("invalid_columns", "text[]"),
)


def prepare_landing() -> None:
    """Make or widen every contract's landing tables and replace its state functions; cheap when nothing changed."""
    apply_definitions(
        {
            f"contract of {agency}": ";\n".join(s.as_string() for s in _statements(contract))
            for agency, contract in load_contracts().items()
        }
    )


def add_partition(connection: psycopg.Connection, extract: Extract, delivery_id: str) -> sql.Identifier:
    """An empty partition of the extract's landing table for one delivery; returns its name."""
    partition = partition_of(extract, delivery_id)
    connection.execute(
        sql.SQL("create table {} partition of {} for values in ({})").format(
            partition, sql.Identifier("landing", extract.table), sql.Literal(delivery_id)
        )
    )
    return partition


def partition_of(extract: Extract, delivery_id: str) -> sql.Identifier:
    """The name of the delivery's partition of the extract's landing table."""
    digest = hashlib.sha256(delivery_id.encode()).hexdigest()[:8]
    return sql.Identifier("landing", f"{extract.table}__{digest}")


def _statements(contract: Contract) -> list[sql.Composed]:
    return [
        statement
        for extract in contract.extracts
        for statement in (
            *_landing_table(contract, extract),
            _state_function(extract),
            _undisputed_function(extract),
            _gated_function(extract),
        )
    ]


def _landing_table(contract: Contract, extract: Extract) -> list[sql.Composed]:
    bookkeeping = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in BOOKKEEPING
    )
    table = sql.Identifier("landing", extract.table)
    return [
        sql.SQL("create table if not exists {} ({}) partition by list (delivery_id)").format(
            table, bookkeeping
        ),
        *rename_landed(contract, extract),
        *(
            sql.SQL("alter table {} add column if not exists {} text").format(table, sql.Identifier(c.name))
            for c in extract.columns
        ),
        *(
            sql.SQL("comment on column {} is {}").format(
                sql.Identifier("landing", extract.table, c.name), sql.Literal(c.description)
            )
            for c in extract.columns
        ),
        *recode_landed(contract, extract),
    ]


def _state_function(extract: Extract) -> sql.Composed:
    """The newest row per key among the pinned deliveries, as a function that PostgreSQL inlines.

    Only deltas can replace a row, so the anti-joins read no full delivery but the first. A child that is older than
    a removal of its parent is gone for good, even where the parent comes back.
    """
    return STATE_FUNCTION.format(
        state=sql.Identifier("state", extract.table),
        landing=sql.Identifier("landing", extract.table),
        key=sql.Identifier(extract.key.name),
        parents=sql.SQL("").join(
            PARENT.format(
                state=sql.Identifier("state", f"{extract.agency}_{parent}"),
                key=_parent_key(column),
                stands=sql.Identifier(f"parent_{column.name}"),
                column=sql.Identifier(column.name),
            )
            for column, parent in extract.parents
            if not column.is_required
        ),
        orphaned=sql.SQL("").join(
            ORPHANED.format(
                parent_stands=_parent_stands(extract.agency, column, parent),
                landing=sql.Identifier("landing", f"{extract.agency}_{parent}"),
                key=_parent_key(column),
                column=sql.Identifier(column.name),
            )
            for column, parent in extract.parents
        ),
    )


STATE_FUNCTION = sql.SQL("""
        create or replace function {state}(pins text[]) returns setof {landing}
        language sql stable parallel safe as $$
        select r.*
        from {landing} as r{parents}
        where r.delivery_id = any(pins)
        and not r.is_removed
        and not exists (
            select 1 from {landing} as newer
            where newer.delivery_id = any(pins[2:])
            and newer.{key} = r.{key}
            and array_position(pins, newer.delivery_id) > array_position(pins, r.delivery_id)
        ){orphaned}
        $$
    """)
# Joined where there may be none: beside an `or` it would be looked for row by row, where there are more than fit into memory.
PARENT = sql.SQL("""
        left join {state}(pins) as {stands} on {stands}.{key} = r.{column}""")
ORPHANED = sql.SQL("""
        and {parent_stands}
        and not exists (
            select 1 from {landing} as gone
            where gone.delivery_id = any(pins[2:]) and gone.is_removed
            and gone.{key} = r.{column}
            and array_position(pins, gone.delivery_id) > array_position(pins, r.delivery_id)
        )""")
UNDISPUTED_FUNCTION = sql.SQL("""
        create or replace function {state}(pins text[], release text)
        returns setof {landing} language sql stable parallel safe as $$
        select r.* from {state}(pins) as r
        where not exists (
            select 1 from meta.suppressed_rows as s
            where s.release_id = release and s.agency = {agency}
            and s.extract = {extract} and s.source_row_id = r.{key} and s.is_own_row{unless_anothers}
        )
        $$
    """)
# As the first release that left it out had the row. Who disputes it is no more here, and nothing is left out for somebody else.
UNLESS_ANOTHERS = sql.SQL("""
            and not exists (
                select from (
                    select x.pins -> 'deliveries' -> {agency} as listed from meta.releases as x
                    where x.pins -> 'corrections' @> jsonb_build_array(jsonb_build_object('case_id', s.case_id))
                    order by x.sequence limit 1
                ) as first
                cross join lateral {state}(array(
                    select d.delivery ->> 'delivery_id' from jsonb_array_elements(first.listed) with ordinality as d (delivery, place)
                    order by d.place
                )) as was
                where was.{key} = r.{key} and {numbers} and {births} and {names}
            )""")


def _undisputed_function(extract: Extract) -> sql.Composed:
    names = {
        "state": sql.Identifier("state", extract.table),
        "agency": sql.Literal(extract.agency),
        "key": sql.Identifier(extract.key.name),
    }
    telling = {"numbers": "person_number", "births": "birth_date", "names": "name"}
    can_tell = {*telling.values()} <= {column.category for column in extract.columns}
    differing = {name: _differ(extract, category) for name, category in telling.items()} if can_tell else {}
    return UNDISPUTED_FUNCTION.format(
        landing=sql.Identifier("landing", extract.table),
        extract=sql.Literal(extract.name),
        unless_anothers=UNLESS_ANOTHERS.format(**names, **differing) if can_tell else sql.SQL(""),
        **names,
    )


def _differ(extract: Extract, category: str) -> sql.Composed:
    """Whether both rows have something of this category, and none of it in common; a name is one of all its columns.

    A number that had not come yet is in common with none.
    """
    names = [sql.Identifier(column.name) for column in extract.columns if column.category == category]
    found = "array[lower(concat_ws(' ', null, {}))]" if category == "name" else "array[{}]"

    def of(row: str) -> sql.Composed:
        columns = sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.SQL(row), name) for name in names)
        return sql.SQL("array_remove(array_remove({}, null), '')").format(sql.SQL(found).format(columns))

    there = ("r",) if category == "person_number" else ("was", "r")
    return sql.SQL("not {} && {} and '{{}}' not in ({})").format(
        of("was"), of("r"), sql.SQL(", ").join(map(of, there))
    )


# By the table's own columns, whose order is that in which contracts brought them.
GATED_FUNCTION = sql.SQL("""
        do $gate$
        declare
            shown text := (
                select string_agg(
                    case
                        when {categories}::jsonb ->> attname is null then format('r.%I', attname)
                        else format(
                            'case when meta.is_withheld(gate, ''assessment'', %L, %L) then null else r.%I end',
                            {agency}, {categories}::jsonb ->> attname, attname
                        )
                    end, ', ' order by attnum
                )
                from pg_attribute where attrelid = to_regclass({landing_name}) and attnum > 0 and not attisdropped
            );
        begin
            execute format($make$
                create or replace function {state}(pins text[], release text, gate text)
                returns setof {landing} language sql stable parallel safe as $body$
                select %s from {state}(pins, release) as r
                where not meta.is_withheld(gate, 'assessment', {agency}, {key_category})
                $body$ $make$, shown);
        end $gate$
    """)


def _gated_function(extract: Extract) -> sql.Composed:
    """The state without what the sharing matrix kept from the assessment: rows by their key's category, else values."""
    own = {
        column.name: column.category for column in extract.columns if column.category != extract.key.category
    }
    landing = sql.Identifier("landing", extract.table)
    return GATED_FUNCTION.format(
        categories=sql.Literal(json.dumps(own, sort_keys=True)),
        agency=sql.Literal(extract.agency),
        key_category=sql.Literal(extract.key.category),
        landing=landing,
        landing_name=sql.Literal(landing.as_string()),
        state=sql.Identifier("state", extract.table),
    )


def _parent_stands(agency: str, column: Column, parent: str) -> sql.Composed:
    """Whether the row's parent is in its extract's state, of which there is one row a key."""
    stands = sql.SQL("exists (select 1 from {}(pins) as p where p.{} = r.{})").format(
        sql.Identifier("state", f"{agency}_{parent}"), _parent_key(column), sql.Identifier(column.name)
    )
    if column.is_required:
        return stands
    return sql.SQL("(r.{column} is null or {stands}.{key} is not null)").format(
        column=sql.Identifier(column.name),
        stands=sql.Identifier(f"parent_{column.name}"),
        key=_parent_key(column),
    )


def _parent_key(column: Column) -> sql.Identifier:
    return sql.Identifier((column.parent or ("", ""))[1].lower())
