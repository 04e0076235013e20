"""Rows set aside: found by each expectation that they break, marked, and written once, as sent, under the first of these.

All of it happens in the scratch schema; the transaction that decides on the delivery takes it over.
"""

from collections.abc import Iterable
from typing import NamedTuple

import psycopg
from psycopg import sql

from akrim.contracts import Column, Extract
from akrim.deliveries.inbox.manifest import DeclaredFile
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.batches import MAX_CHARACTERS_KEPT
from akrim.deliveries.scratch import Scratch
from akrim.warehouse import connect

# Rows that may not be received, whatever is in them: of these nothing is kept, and they count against no limit.
NOT_PERMITTED = "not_permitted"
NOT_COUNTED = ["forbidden_role", NOT_PERMITTED]


class Broken(NamedTuple):
    """An expectation that some rows break."""

    rank: int  # its place in the suite: the first gives the reason
    name: str
    code: str
    column: str
    query: str  # found the numbers of those rows


def lay_suspects(scratch: Scratch, extract: Extract, conditions: Iterable[str]) -> None:
    """Write the numbers of rows (alias r) that meet any condition of an expectation about single rows to `suspects`.

    So each of these expectations looks at a few rows instead of all. Where a condition cannot be evaluated, every row is a suspect, and
    the expectation's own query then fails by name. Fields whose control digits fail are found in the same pass and written to `invalid`.
    """
    rows, failing = sql.Identifier(extract.name), _failing_controls(scratch, extract)
    named = [
        sql.SQL("case when {} then {} end").format(fails, sql.Literal(name))
        for name, fails in failing.items()
    ]
    asked = [sql.SQL(one) for one in conditions]
    any_of_them = sql.SQL(" or ").join(sql.SQL("({})").format(one) for one in [*asked, *failing.values()])
    with scratch.connect() as connection:
        connection.execute("select meta.plan_for_sets()")
        connection.execute("drop table if exists suspects")
        try:
            with connection.transaction():
                connection.execute(SUSPECTS.format(rows=rows, conditions=any_of_them))
        except psycopg.Error:
            connection.execute(SUSPECTS.format(rows=rows, conditions=sql.SQL("true")))
        connection.execute("analyze suspects")
        connection.execute(sql.SQL("create index on {} (row_number)").format(rows))
        connection.execute(INVALID.format(rows=rows, named=sql.SQL(", ").join(named)), [extract.name])


def _failing_controls(scratch: Scratch, extract: Extract) -> dict[str, sql.Composed]:
    """By column, the condition that its control digits fail. Such a value is kept: persons and enterprises are found by other fields.

    Not of an organisation number that is required: a row without a valid one is set aside.
    """
    found = {}
    for column in extract.columns:
        value = sql.Identifier("r", column.name)
        if column.meaning == "personNumber":
            fails = sql.SQL("{} is null").format(scratch.person_number_kind(value))
        elif column.meaning == "orgnr" and not column.is_required:
            fails = sql.SQL("not meta.is_orgnr({})").format(value)
        else:
            continue
        found[column.name] = sql.SQL("({} is not null and {})").format(value, fails)
    return found


def set_aside(scratch: Scratch, extract: Extract, broken: Iterable[Broken]) -> int:
    """Mark the rows found to break any of these, and write them to the scratch quarantine; returns how many there are.

    Where the sharing matrix lets none of the extract's rows in, that is why, and nothing of them is kept.
    """
    with scratch.connect() as connection:
        if extract.key.category in scratch.closed:
            connection.execute(
                NOT_ONE.format(rows=sql.Identifier(extract.name)),
                [extract.name, NOT_PERMITTED, NOT_PERMITTED],
            )
        connection.cursor().executemany(MARK, [(extract.name, *expectation) for expectation in broken])
        return _write(connection, scratch, extract)


def count_marks(scratch: Scratch, extract: Extract) -> dict[str, int]:
    """How many rows break each expectation, by its name; those that none breaks are left out."""
    with scratch.connect() as connection:
        query = "select expectation, count(*) from violations where extract = %s group by expectation"
        return dict(connection.execute(query, [extract.name]).fetchall())


def check_share(scratch: Scratch, extract: Extract, file: DeclaredFile) -> Refusal | None:
    """The refusal due where more rows were set aside than the contract allows."""
    with connect() as connection:
        ((found,),) = connection.execute(
            sql.SQL("select count(*) from {} where extract = %s and reason <> all(%s)").format(
                scratch.table("quarantine")
            ),
            [extract.name, NOT_COUNTED],
        ).fetchall()
    limit = max(extract.quarantine_share * file.rows, extract.quarantine_rows)
    if found <= limit:
        return None
    return Refusal(
        "quarantine_share",
        f"{extract.name}: {found} of {file.rows} rows would be set aside; {limit:g} are tolerated.",
    )


def take_over(connection: psycopg.Connection, scratch: Scratch, extract: Extract) -> int:
    """Copy what was set aside of the extract to where it stays; returns how many rows.

    Of a decision that names somebody who was erased nothing is kept: the centre may have made it before it was told.
    """
    by_our_ids = bool(extract.columns_meaning("person"))
    return connection.execute(
        TAKE_OVER.format(
            set_aside=scratch.table("quarantine"), is_erased=OF_ERASED if by_our_ids else sql.SQL("false")
        ),
        [scratch.manifest.delivery_id, scratch.manifest.sha256, extract.name],
    ).rowcount


def _write(connection: psycopg.Connection, scratch: Scratch, extract: Extract) -> int:
    """Each marked record under its first reason, as sent, numbers of the wrong world masked."""
    open_columns = [column for column in extract.columns if column.category not in scratch.closed]
    masks = {c.name: _masked(c, scratch) for c in open_columns if c.meaning == "personNumber"}
    values = {c.path: _shortened(masks.get(c.name) or sql.Identifier("r", c.name)) for c in open_columns}
    pairs = sql.SQL(", ").join(
        sql.SQL("{}, {}").format(sql.Literal(path), value) for path, value in values.items()
    )
    return connection.execute(
        WRITE.format(
            # Which of its fields may be kept cannot be told.
            raw=_without_person_numbers(
                sql.SQL("r.defect_raw" if len(open_columns) == len(extract.columns) else "null")
            ),
            role=_without_person_numbers(sql.SQL("r.defect_raw")),
            masked=_without_person_numbers(
                sql.SQL("jsonb_strip_nulls(jsonb_build_object({}))").format(pairs)
            ),
            pairs=pairs,
            removed=_shortened(sql.SQL("r.removed")),
            rows=sql.Identifier(extract.name),
        ),
        {"extract": extract.name, "not_permitted": NOT_PERMITTED},
    ).rowcount


SUSPECTS = sql.SQL(
    "create unlogged table suspects as select r.row_number from {rows} as r where {conditions}"
)
INVALID = sql.SQL("""
insert into invalid
select %s, failing.row_number, failing.columns
from (
    select r.row_number, array_remove(array[{named}]::text[], null) as columns
    from (select * from {rows} where row_number in (table suspects) offset 0) as r
) as failing
where failing.columns <> '{{}}'
""")
MARK = "insert into violations select %s, row_number, %s, %s, %s, %s from found where query = md5(%s)"
NOT_ONE = sql.SQL("insert into violations select %s, row_number, -1, %s, %s, '' from {rows}")
WRITE = sql.SQL("""
        insert into quarantine
        select distinct on (v.row_number)
            %(extract)s, v.row_number, v.expectation, v.code,
            case
                when v.code = %(not_permitted)s then null
                when r.defect = 'malformed_row' then {raw}
                when r.defect = 'forbidden_role' then {role}
                when v.code like '%%person_number' then {masked}
                else jsonb_strip_nulls(jsonb_build_object({pairs}, '_slettet', {removed}))
            end
        from violations as v
        join {rows} as r on r.row_number = v.row_number
        where v.extract = %(extract)s
        order by v.row_number, v.rank
    """)

TAKE_OVER = sql.SQL("""
insert into quarantine.rows
select %s, %s, q.extract, q.row_number, q.expectation, q.reason, case when not {is_erased} then q.raw end
from {set_aside} as q where q.extract = %s
""")
# By whichever of her ids, in whichever field: a decision's own id has the person's in it. From an array, so that they are looked for once.
OF_ERASED = sql.SQL("""exists (
    select from unnest(array(select person_id from linkage.erased_ids)) as ids (person_id)
    where position(ids.person_id in q.raw::text) > 0
)""")


def _masked(column: Column, scratch: Scratch) -> sql.Composed:
    """The value, or its first digits where these are, however they are written, a person number of the wrong world."""
    value = sql.Identifier("r", column.name)
    digits = sql.SQL(
        "regexp_replace(translate({}, '０１２３４５６７８９', '0123456789'), '[.,]00?$|[^0-9]', '', 'g')"
    ).format(value)
    return sql.SQL(
        "case when {} = (select case data_mode when 'synthetic' then 'real' else 'test' end from delivery)"
        " then left({}, 6) || '*****' else {} end"
    ).format(scratch.person_number_kind(digits), digits, value)


def _shortened(value: sql.Composable) -> sql.Composed:
    """A long value's beginning; no number is cut, since half a person number would not be known for one and masked."""
    return sql.SQL(
        "case when length({value}) > {most} then rtrim(left({value}, {most}), '0123456789 ') || '…' else {value} end"
    ).format(value=value, most=sql.Literal(MAX_CHARACTERS_KEPT))


def _without_person_numbers(raw: sql.Composable) -> sql.Composed:
    """JSON in which every run of eleven digits, wide ones too, keeps its first six."""
    return sql.SQL(
        "regexp_replace(({})::text, '(?<![0-9０-９])([0-9０-９]{{6}})[0-9０-９]{{5}}(?![0-9０-９])', '\\1*****', 'g')::jsonb"
    ).format(raw)
