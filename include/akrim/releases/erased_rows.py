"""A person's rows in the marts of every release, and beside them, and what others' rows say of them."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from akrim.deliveries import ErasedRows

# The columns that hold a person's id. A network outlives its most central member.
OF_PERSONS = (
    "person_id", "decided_person_id", "bearer_person_id", "front_person_id", "old_person_id", "member_id", "from_id", "to_id",
)  # fmt: skip
MENTIONING = ("most_central_person_id", "leading_person_id")
# Findings that name their events: an enterprise, a source row, or an agency's.
WITH_EVENTS = {"indicator_observations", "group_observations"}
SCHEMAS = ("marts", "oversight", "intermediate", "indicators")
# Where an enterprise that bore the person's name stands, and by which column.
OF_ENTERPRISES = {
    "enterprises": ("orgnr",),
    "exposed_workers": ("orgnr",),
    "inspections": ("orgnr",),
    "nominations": ("orgnr",),
    "principals": ("principal_orgnr", "supplier_orgnr"),
    "network_members": ("member_id",),
    "enterprise_assessments": ("orgnr",),
    "group_observations": ("group_id",),
    "group_members": ("group_id",),
    "group_decisions": ("group_id", "decided_group_id"),
    "network_ties": ("from_id", "to_id"),
    "tax_controls": ("orgnr",),
    "arrears": ("orgnr",),
    "benefit_cases": ("orgnr",),
    "wage_guarantee_claims": ("orgnr",),
    "reactions": ("orgnr",),
    "employments_of_years": ("orgnr",),
    "phoenix_pairs": ("orgnr", "successor_orgnr"),
}
# What others' rows say of such an enterprise is left out there.
MENTIONING_ENTERPRISES = {"offence_cases": "orgnr", "police_cases": "orgnr"}
# An agency's own rows, by their key: also where they name nobody.
OF_ROWS = {
    "tax_controls": ("skatteetaten", "kontroller", "audit_id"),
    "arrears": ("skatteetaten", "restanser", "arrears_id"),
    "benefit_cases": ("nav", "saker", "benefit_case_id"),
    "wage_guarantee_claims": ("nav", "lonnsgaranti", "claim_id"),
}


def erase_from_marts(connection: psycopg.Connection, person_ids: Sequence[str], erased: ErasedRows) -> None:
    """Delete the person's rows, and her enterprises'; in the evidence of others the keys of her rows are left out.

    Whom the centres' parts name (`marts.named_persons`) stays until these are gone.
    """
    parameters = {"schemas": list(SCHEMAS), "names": [*OF_PERSONS, *MENTIONING]}
    for schema, table, column in connection.execute(COLUMNS, parameters).fetchall():
        names = {"table": sql.Identifier(schema, table), "column": sql.Identifier(column)}
        text = UNMENTION if column in MENTIONING else DELETE
        connection.execute(sql.SQL(text).format(**names), [list(person_ids)])
    tables = {row[0] for row in connection.execute(TABLES).fetchall()}
    for table, columns in OF_ENTERPRISES.items():
        for column in columns if erased.enterprises and table in tables else ():
            names = {"table": sql.Identifier("marts", table), "column": sql.Identifier(column)}
            connection.execute(sql.SQL(DELETE).format(**names), [erased.enterprises])
    for table in tables & MENTIONING_ENTERPRISES.keys():
        names = {
            "table": sql.Identifier("marts", table),
            "column": sql.Identifier(MENTIONING_ENTERPRISES[table]),
        }
        connection.execute(sql.SQL(UNMENTION).format(**names), [erased.enterprises])
    for table in tables & OF_ROWS.keys():
        agency, extract, column = OF_ROWS[table]
        names = {"table": sql.Identifier("marts", table), "column": sql.Identifier(column)}
        own = [
            key for of_agency, of_extract, key in erased.keys if (of_agency, of_extract) == (agency, extract)
        ]
        connection.execute(sql.SQL(DELETE).format(**names), [own])
    connection.execute(FORGET_OLD_ID, [list(person_ids)])
    _forget_mentions(connection, tables, erased)


def _forget_mentions(connection: psycopg.Connection, tables: set[str], erased: ErasedRows) -> None:
    agencies, extracts, keys = zip(*erased.keys, strict=True) if erased.keys else ((), (), ())
    parameters = {"agencies": list(agencies), "extracts": list(extracts), "keys": list(keys)}
    for table, statement in FORGETTING.items():
        if table in tables:
            connection.execute(statement, parameters)
    events = [*erased.enterprises, *keys, *(f"{agency} {key}" for agency, _, key in erased.keys)]
    for table in tables & WITH_EVENTS:
        names = {"table": sql.Identifier("marts", table)}
        connection.execute(sql.SQL(STRIP_EVENTS).format(**names), {"events": events})


COLUMNS = """
select c.table_schema, c.table_name, c.column_name from information_schema.columns as c
join information_schema.tables as t using (table_schema, table_name)
where c.table_schema = any(%(schemas)s) and c.column_name = any(%(names)s) and t.table_type = 'BASE TABLE'
    and c.table_name <> 'named_persons'
order by 1, 2, 3
"""
TABLES = "select tablename from pg_tables where schemaname = 'marts'"
DELETE = "delete from {table} where {column} = any(%s)"
UNMENTION = "update {table} set {column} = null where {column} = any(%s)"
STRIP_EVIDENCE = """
with erased as (
    select * from unnest(%(agencies)s::text[], %(extracts)s::text[], %(keys)s::text[]) as e (agency, extract, source_row_id)
),
told as (
    select o.release_id, o.person_id, o.indicator_code, jsonb_agg(
        case when e.agency is null then items.item else items.item - 'source_row_id' end order by items.place
    ) as evidence
    from marts.indicator_observations as o
    cross join lateral jsonb_array_elements(o.evidence) with ordinality as items (item, place)
    left join erased as e on e.agency = items.item ->> 'agency' and e.extract = items.item ->> 'extract'
        and e.source_row_id = items.item ->> 'source_row_id'
    group by o.release_id, o.person_id, o.indicator_code having bool_or(e.agency is not null)
)
update marts.indicator_observations as o set evidence = told.evidence from told
where (o.release_id, o.person_id, o.indicator_code) = (told.release_id, told.person_id, told.indicator_code)
"""
STRIP_EVENTS = """
update {table} as o set events = (
    select coalesce(jsonb_agg(items.item order by items.place), '[]')
    from jsonb_array_elements(o.events) with ordinality as items (item, place)
    where items.item ->> 'event' <> all(%(events)s)
)
where exists (select from jsonb_array_elements(o.events) as item where item ->> 'event' = any(%(events)s))
"""
# What was written about a group that she had a part in went from what the centre delivered; here it follows that.
FORGET_ACTIONS = """
update marts.group_decisions as d set actions = null
where actions is not null and not exists (
    select from landing.sentrene_gruppebeslutninger as l where l.beslutning_id = d.decision_id and l.tiltak is not null
)
"""
# That somebody was once taken for her.
FORGET_OLD_ID = """
update marts.release_changes set detail = detail - 'old_person_id' where detail ->> 'old_person_id' = any(%s)
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
    "indicator_observations": STRIP_EVIDENCE,
    "group_decisions": FORGET_ACTIONS,
    "case_outcomes": FORGET_OUTCOMES,
    "police_cases": FORGET_CASES,
}
