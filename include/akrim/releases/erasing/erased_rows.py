"""A person's rows in the marts of every release, and beside them, and what others' rows say of them."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from akrim.deliveries import ErasedRows
from akrim.warehouse import has_table

# The columns that hold a person's id. A network outlives its most central member.
OF_PERSONS = (
    "person_id", "decided_person_id", "bearer_person_id", "front_person_id", "old_person_id", "other_person_id", "taker_person_id",
    "then_person_id", "through_person_id", "worker_person_id", "member_id", "from_id", "to_id",
)  # fmt: skip
MENTIONING = ("most_central_person_id", "leading_person_id")
# Findings that name their events: an enterprise, a source row, or an agency's.
WITH_EVENTS = {"indicator_observations": "events", "group_observations": "events"}
# Lists in others' rows whose items name a source row or an enterprise, which is left out there.
WITH_ITEMS = {
    "indicator_observations": "evidence",
    "coordination": "controlled_twice",
    "assessments": "disputes",
}
SCHEMAS = ("marts", "oversight", "intermediate", "indicators")
# The columns of the marts that hold an organisation number: a row of an enterprise that bore the person's name goes.
OF_ENTERPRISES = (
    "orgnr", "holder_orgnr", "principal_orgnr", "supplier_orgnr", "successor_orgnr", "member_id", "group_id", "decided_group_id",
    "from_id", "to_id",
)  # fmt: skip
# Marts whose rows say something of somebody else in such an enterprise: there its number alone goes (`orgnr`).
MENTIONING_ENTERPRISES = ("offence_cases", "police_cases", "roles", "bankruptcy_involvements")
# An agency's own rows, by their key: also where they name nobody.
OF_ROWS = {
    "tax_controls": ("skatteetaten", "kontroller", "audit_id"),
    "arrears": ("skatteetaten", "restanser", "arrears_id"),
    "benefit_cases": ("nav", "saker", "benefit_case_id"),
    "wage_guarantee_claims": ("nav", "lonnsgaranti", "claim_id"),
}


def erase_from_marts(
    connection: psycopg.Connection,
    person_ids: Sequence[str],
    erased: ErasedRows,
    taken: Sequence[tuple[str, str]] = (),
) -> None:
    """Delete the person's rows, and her enterprises'; in the evidence of others the keys of her rows are left out.

    Args:
        taken: the releases in which she was taken for somebody else, with that one's id, whose rows there are of both.

    Whom the centres' parts name (`marts.named_persons`) stays until these are gone.
    """
    for schema, table, column in _columns(connection, SCHEMAS, (*OF_PERSONS, *MENTIONING)):
        text = UNMENTION if column in MENTIONING else DELETE
        _apply(connection, text, schema, table, column, list(person_ids))
    releases, others = map(list, zip(*taken, strict=True)) if taken else ([], [])
    for schema, table, column in _columns(connection, ("marts", "oversight"), OF_PERSONS) if taken else ():
        names = {"table": sql.Identifier(schema, table), "column": sql.Identifier(column)}
        connection.execute(sql.SQL(DELETE_OF_BOTH).format(**names), [releases, others])
    for schema, table, column in _columns(connection, ("marts",), OF_ENTERPRISES):
        is_mentioned = column == "orgnr" and table in MENTIONING_ENTERPRISES
        _apply(connection, UNMENTION if is_mentioned else DELETE, schema, table, column, erased.enterprises)
    tables = {row[0] for row in connection.execute(TABLES).fetchall()}
    for table in tables & OF_ROWS.keys():
        agency, extract, column = OF_ROWS[table]
        own = [
            key for of_agency, of_extract, key in erased.keys if (of_agency, of_extract) == (agency, extract)
        ]
        _apply(connection, DELETE, "marts", table, column, own)
    connection.execute(FORGET_OLD_ID, [list(person_ids)])
    if has_table(connection, "staging.stg_skatteetaten__protections"):
        connection.execute(FORGET_STAGED, [erased.numbers, erased.numbers])
    _forget_mentions(connection, tables, erased)


def _columns(
    connection: psycopg.Connection, schemas: Sequence[str], names: Sequence[str]
) -> list[tuple[str, str, str]]:
    return connection.execute(COLUMNS, {"schemas": list(schemas), "names": list(names)}).fetchall()


def _apply(
    connection: psycopg.Connection, text: str, schema: str, table: str, column: str, values: list[str]
) -> None:
    names = {"table": sql.Identifier(schema, table), "column": sql.Identifier(column)}
    connection.execute(sql.SQL(text).format(**names), [values])


def _forget_mentions(connection: psycopg.Connection, tables: set[str], erased: ErasedRows) -> None:
    agencies, _, keys = zip(*erased.keys, strict=True) if erased.keys else ((), (), ())
    parameters = {
        "agencies": list(agencies),
        "keys": list(keys),
        "rows": ["/".join(row) for row in erased.keys],
        "enterprises": erased.enterprises,
        "naming": list(erased.naming),
        "events": [*keys, *(f"{agency} {key}" for agency, _, key in erased.keys)],
    }
    for table, statement in FORGETTING.items():
        if table in tables:
            connection.execute(statement, parameters)
    for stripping, lists in ((STRIP_ITEMS, WITH_ITEMS), (STRIP_EVENTS, WITH_EVENTS)):
        for table in tables & lists.keys():
            names = {"table": sql.Identifier("marts", table), "column": sql.Identifier(lists[table])}
            connection.execute(sql.SQL(stripping).format(**names), parameters)


COLUMNS = """
select c.table_schema, c.table_name, c.column_name from information_schema.columns as c
join information_schema.tables as t using (table_schema, table_name)
where c.table_schema = any(%(schemas)s) and c.column_name = any(%(names)s) and t.table_type = 'BASE TABLE'
    and c.table_name <> 'named_persons'
order by 1, 2, 3
"""
TABLES = "select tablename from pg_tables where schemaname = 'marts'"
DELETE = "delete from {table} where {column} = any(%s)"
DELETE_OF_BOTH = (
    "delete from {table} where (release_id, {column}) in (select * from unnest(%s::text[], %s::text[]))"
)
UNMENTION = "update {table} set {column} = null where {column} = any(%s)"
STRIP_ITEMS = """
update {table} as o set {column} = (
    select jsonb_agg(
        items.item - case when items.is_row then '{{source_row_id}}' else '{{}}' end::text[]
        - case when items.item ->> 'orgnr' = any(%(enterprises)s) then '{{orgnr}}' else '{{}}' end::text[]
        || case when items.item ? 'through' then jsonb_build_object('through', (items.item -> 'through') - %(enterprises)s::text[])
            else '{{}}' end
        order by items.place
    )
    from (
        select item, place, concat_ws('/', item ->> 'agency', item ->> 'extract', item ->> 'source_row_id') = any(%(rows)s) as is_row
        from jsonb_array_elements(o.{column}) with ordinality as listed (item, place)
    ) as items
)
where exists (
    select from jsonb_array_elements(o.{column}) as item
    where concat_ws('/', item ->> 'agency', item ->> 'extract', item ->> 'source_row_id') = any(%(rows)s)
        or item ->> 'orgnr' = any(%(enterprises)s) or item -> 'through' ?| %(enterprises)s
)
"""
STRIP_EVENTS = """
update {table} as o set {column} = (
    select coalesce(jsonb_agg(items.item order by items.place), '[]')
    from jsonb_array_elements(o.{column}) with ordinality as items (item, place)
    where items.item ->> 'event' <> all(%(events)s)
)
where exists (select from jsonb_array_elements(o.{column}) as item where item ->> 'event' = any(%(events)s))
"""
# What was written about a group that she had a part in went from what the centre delivered; here it follows that.
FORGET_ACTIONS = """
update marts.group_decisions as d set actions = null
where actions is not null and not exists (
    select from landing.sentrene_gruppebeslutninger as l where l.beslutning_id = d.decision_id and l.tiltak is not null
)
"""
# What was written about somebody else goes where it names her.
FORGET_MENTIONS = """
update marts.prioritisations set actions = null where lower(actions collate "pg_c_utf8") ~ any(%(naming)s)
"""
# That somebody was once taken for her.
FORGET_OLD_ID = """
update marts.release_changes set detail = detail - 'old_person_id' where detail ->> 'old_person_id' = any(%s)
"""
# What was said of a protected home stands there until the next run: of whom no row is delivered any more.
FORGET_STAGED = """
delete from staging.stg_skatteetaten__protections as s
where (identifier = any(%s) or previous_identifier = any(%s))
    and not exists (select from landing.skatteetaten_personer as p where p.part_id = s.source_record_id)
"""
FORGET_OUTCOMES = """
delete from marts.case_outcomes as c using unnest(%(agencies)s::text[], %(keys)s::text[]) as e (agency, key)
where c.reporting_agency = e.agency and c.reference = e.key
"""
# A case goes with the last who was involved in it; of one that others are involved in, her own report, and she is counted no more.
FORGET_CASES = """
with own as (
    select e.agency, e.key from unnest(%(agencies)s::text[], %(keys)s::text[]) as e (agency, key)
),
involved as (
    select
        o.release_id, o.case_number, count(*) as persons, count(listed.person_id) as persons_listed,
        count(*) filter (where o.involvement_code = 'domfelt') as persons_convicted
    from marts.offence_cases as o
    left join (select distinct release_id, person_id from marts.assessments) as listed using (release_id, person_id)
    group by o.release_id, o.case_number
),
emptied as (
    delete from marts.police_cases as p
    where (p.release_id, p.case_number) not in (select i.release_id, i.case_number from involved as i)
)
update marts.police_cases as p set
    reference = case when (p.reporting_agency, p.reference) not in (select agency, key from own) then p.reference end,
    persons = i.persons, persons_listed = i.persons_listed, persons_convicted = i.persons_convicted
from involved as i
where (i.release_id, i.case_number) = (p.release_id, p.case_number)
    and (p.persons <> i.persons or (p.reporting_agency, p.reference) in (select agency, key from own))
"""
FORGETTING = {
    "prioritisations": FORGET_MENTIONS,
    "group_decisions": FORGET_ACTIONS,
    "case_outcomes": FORGET_OUTCOMES,
    "police_cases": FORGET_CASES,
}
