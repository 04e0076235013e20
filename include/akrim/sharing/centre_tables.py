"""Reads the rows of a release that a centre may see, as Arrow tables.

A row about a person reaches a centre only if marts.named_persons has the person for it as listed or decided on; an
enterprise, inspection or case outcome only if a row of one of those persons refers to it. Of a counterpart the centre is
given the name and the tie, nothing else. What the sharing matrix withholds from the centre is left out: a column that carries any of
it (seeds.data_origins) is empty, and a row whose key does is not there. Rows are sorted by key in binary order, so that the
same rows give the same bytes on any server. columns.yml lists the columns that may be shared.
"""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import pyarrow as pa
import yaml
from adbc_driver_manager.dbapi import Cursor
from psycopg import sql

from akrim import warehouse
from akrim.errors import UserError

OF_CENTRES_PERSONS = "person_id in (select person_id from centre_persons)"
OF_CENTRES_ENTERPRISES = "orgnr in (select orgnr from centre_enterprises)"
OF_CENTRES_NAMED = "person_id in (select person_id from centre_named)"
# What was dropped or ended in acquittal is shared only as what speaks for somebody listed.
OF_CENTRES_OFFENCES = """person_id in (select person_id from centre_persons)
    and (person_id in (select person_id from centre_named where named_because = 'listed') or not exists (
        select from seeds.outcome_codes as codes
        where codes.outcome_code = offence_cases.outcome_code and (codes.is_dropped or codes.speaks_for_person)
    ))"""
OF_SHARED_REPORTS = """reporting_agency not in (
        select agency from centre_withheld
        where category in ('inspection', 'benefit', 'tax_control', 'tax_arrears', 'criminal_offence')
    )"""
# A benefit case in the evidence may be a worker's, who is not the centre's to know about. Each row is of the agency that reported.
OF_CENTRES_CASES = """(case_number in (select case_number from centre_cases)
    or reporting_agency <> 'nav' and (reporting_agency, reference) in (select agency, source_row_id from centre_evidence))
    and {shared}""".replace("{shared}", OF_SHARED_REPORTS)
OF_CENTRES_NETWORKS = "network_id in (select network_id from centre_networks)"


VISIBLE = """case {kind} when 'person' then {member} in (select person_id from centre_named)
    else {member} in (select orgnr from centre_enterprises) end"""


def _visible(kind: str, member: str) -> str:
    return VISIBLE.format(kind=kind, member=member)


# A counterpart's ties are shown where they meet the centre's own persons: to one of them, or to an enterprise that one led.
MEETING = """(from_kind = 'enterprise' or from_id in (select person_id from centre_persons)
    or to_id in (select person_id from centre_persons)
    or tie = 'leading_role' and to_id in (select orgnr from centre_tied))"""

# Ties that rest on where people live.
NO_WITHHELD_HOMES = """(tie not in ('shared_home', 'handover')
    or not exists (select from centre_withheld where category = 'address'))"""

# The centre's own decisions about its persons.
OF_CENTRES_OWN_PERSONS = "centre_id = {centre_id} and " + OF_CENTRES_PERSONS
# Counts without names: the centre's own, and the national ones.
OF_CENTRES_SCOPE = "scope in ('national', {centre_id})"
# The outcomes of a few reports tell each of them.
OF_SHARED_SUMMARIES = f"""{OF_CENTRES_SCOPE} and {OF_SHARED_REPORTS}
    and not exists (select from centre_withheld where agency = 'politiet' and category = 'criminal_offence')"""
OF_CENTRE_OR_ASSESSMENT = "withheld_from in ('assessment', {centre_id})"
CLOSED = """
select distinct split_part(subject, '.', 1) as mart, split_part(subject, '.', 2) as name
from seeds.data_origins where (agency, category) in (select agency, category from centre_withheld)
"""

# Who is named to the centre, the centre's persons (all of them but counterparts), and what their rows refer to; all other
# tables are selected by these.
CENTRE_SCOPE = (
    """create temp table centre_withheld on commit drop as
    select agency, category from meta.withheld where release_id = {release_id} and recipient = {centre_id}""",
    """create temp table centre_rules on commit drop as
    select indicator_code, told from marts.withheld_rules
    where release_id = {release_id} and withheld_from = {centre_id}""",
    """create temp table centre_named on commit drop as
    select person_id, named_because from marts.named_persons
    where release_id = {release_id} and centre_id = {centre_id}""",
    """create temp table centre_persons on commit drop as
    select person_id from centre_named where named_because <> 'counterpart'""",
    """create temp table centre_evidence on commit drop as
    select distinct item ->> 'agency' as agency, item ->> 'source_row_id' as source_row_id, item ->> 'orgnr' as orgnr
    from marts.indicator_observations
    cross join jsonb_array_elements(coalesce(evidence, '[]'::jsonb)) as item
    where release_id = {release_id} and {of_centres_persons}
        and indicator_code not in (select indicator_code from centre_rules)""",
    """create temp table centre_cases on commit drop as
    select case_number, orgnr from marts.offence_cases where release_id = {release_id} and {of_centres_offences}
        and not meta.is_withheld({release_id}, {centre_id}, 'politiet', 'criminal_offence')""",
    """create temp table centre_networks on commit drop as
    select distinct network_id from marts.network_members
    where release_id = {release_id} and member_kind = 'person' and is_assessed
        and member_id in (select person_id from centre_persons)""",
    """create temp table centre_led on commit drop as
    select distinct roles.orgnr from marts.roles join marts.assessments using (release_id, person_id)
    where release_id = {release_id} and centre_id = {centre_id} and roles.is_leading and {of_centres_persons}""",
    """create temp table centre_tied on commit drop as
    select to_id as orgnr from marts.network_ties
    where release_id = {release_id} and tie = 'leading_role' and from_id in (select person_id from centre_persons)""",
    """create temp table centre_enterprises on commit drop as
    select orgnr from marts.roles where release_id = {release_id} and {of_centres_persons}
    union select orgnr from marts.bankruptcy_involvements where release_id = {release_id} and {of_centres_persons}
    union select orgnr from centre_cases
    union select orgnr from centre_led
    union select principal_orgnr from marts.principals
        where release_id = {release_id} and supplier_orgnr in (select orgnr from centre_led)
    -- What is tied to these. A sole proprietorship bears its owner's name, who need not be the centre's person.
    union select enterprises.orgnr from (
            select from_id, to_id from marts.network_ties
            where release_id = {release_id} and from_kind = 'enterprise' and to_kind = 'enterprise'
            union all select to_id, from_id from marts.network_ties
            where release_id = {release_id} and from_kind = 'enterprise' and to_kind = 'enterprise'
        ) as tied (near_id, far_id)
        join centre_tied on centre_tied.orgnr = near_id
        join marts.enterprises on enterprises.release_id = {release_id} and enterprises.orgnr = far_id
        where legal_form_code <> 'ENK'
    union select orgnr from centre_evidence""",
)

# Casts of types that not every reader of the files supports, and the types that they make.
CASTS = {
    "numeric": ("{0}::double precision", "double precision"),
    "jsonb": ("{0}::text", "text"),
    "ARRAY": ("array_to_string({0}, ',')", "text"),
}


# A sole proprietor's business address is often the home of a person whom the centre has nothing to do with.
OWN_PROPRIETORS = """case when legal_form_code <> 'ENK' or exists (
    select 1 from marts.roles as r join centre_persons using (person_id)
    where r.release_id = enterprises.release_id and r.orgnr = enterprises.orgnr and r.role_code = 'INNH'
) then {0} end"""
# A row about somebody who worked for the person: the centre may know that it exists, not whose it is.
OWN_ROWS = """case when indicator_code in ('benefit_while_leading', 'known_to_agencies', 'leads_through_others',
    'role_handed_over') then {0} else (
    select jsonb_agg(
        case when item ->> 'agency' = 'nav' or item ->> 'extract' = 'personer_paa_stedet' then item - 'source_row_id'
        else item end
        order by place
    ) from jsonb_array_elements({0}) with ordinality as items (item, place)
) end"""
# What a person disputes may be a row about somebody who worked for the person.
OWN_DISPUTES = """(
    select coalesce(jsonb_agg(
        case when item ->> 'agency' = 'nav' or item ->> 'extract' in ('personer_paa_stedet', 'arbeidsforhold')
            then item - 'source_row_id' else item end
        order by place
    ), '[]') from jsonb_array_elements({0}) with ordinality as items (item, place)
)"""
OF_OWN_PERSONS = "case when person_id in (select person_id from centre_persons) then {0} end"
OWN_PERSON = "case when {0} in (select person_id from centre_persons) then {0} end"
# Of a rule that is withheld a centre is told nothing, or whether it fired: no points, evidence or explanation.
OF_SHARED_RULES = "case when indicator_code not in (select indicator_code from centre_rules) then {0} end"
TOLD = """case (select told from centre_rules as r where r.indicator_code = indicator_observations.indicator_code)
    when 'nothing' then 'withheld'
    when 'hit' then case checked when 'fired' then 'hit' when 'clear' then 'no_hit' else checked end
    else checked
end"""
LANGUAGES_OF_MARTS = ("nb", "en")
EXPLAINED = """case when ({told}) not in ('withheld', 'hit', 'no_hit') then {0} else (
    select text from seeds.labels where code_list = 'unmet' and language = '{language}' and code = ({told})
) end"""
# What is known of a person is shared by the agency whose record it is from; `known`, `presence`: that the agency has any.
OF_AGENCY = "({0}_agency, '{1}') not in (select agency, category from centre_withheld)"
NOT_WITHHELD_PROTECTION = (
    "case when not exists (select from centre_withheld where category = 'protection') then {0} end"
)
# How many records there are, and how weakly one of them is tied, tells of an agency that may not be told of.
OF_ALL_RECORDS = """case when not exists (
    select from centre_withheld where category in ('known', 'presence', 'role')
) then {0} end"""
SHARED_AGENCIES = """array(
    select agency from unnest({0}) with ordinality as listed (agency, place)
    where agency not in (select agency from centre_withheld where category in ('known', 'presence', 'inspection', 'role'))
    order by place
)"""


def _of_agency(what: str, category: str, shown: str) -> str:
    return f"case when coalesce({OF_AGENCY.format(what, category)}, true) then {shown} end"


# By their names in columns.yml. Fewer than five workers could be identified. The marts have no protected addresses;
# `own_addresses` is a second check.
MASKS = {
    "own_proprietors": OWN_PROPRIETORS,
    "own_disputes": OWN_DISPUTES,
    "own_rows": f"coalesce({OF_SHARED_RULES.replace('{0}', OWN_ROWS)}, '[]')",
    "own_persons": OWN_PERSON,
    "five_or_more": "case when {0} >= 5 then {0} end",
    "own_addresses": _of_agency(
        "address",
        "address",
        "case when not has_protected_address and person_id in (select person_id from centre_persons) then {0} end",
    ),
    "named": f"coalesce({_of_agency('name', 'name', '{0}')}, person_id)",
    "own_names": _of_agency("name", "name", OF_OWN_PERSONS),
    "own_birth_dates": _of_agency("birth_date", "birth_date", OF_OWN_PERSONS),
    "own_protection": OF_OWN_PERSONS.replace("{0}", NOT_WITHHELD_PROTECTION),
    "own_records": OF_OWN_PERSONS.replace("{0}", OF_ALL_RECORDS),
    "of_all_records": OF_ALL_RECORDS,
    "own_agencies": OF_OWN_PERSONS.replace("{0}", SHARED_AGENCIES),
    "shared_agencies": SHARED_AGENCIES,
    "of_shared_rules": OF_SHARED_RULES,
    "points_of_shared_rules": f"coalesce({OF_SHARED_RULES}, 0)",
    "told": TOLD,
    **{
        f"explained_{lang}": EXPLAINED.replace("{told}", TOLD).replace("{language}", lang)
        for lang in LANGUAGES_OF_MARTS
    },
    "of_own_members": "case when member_kind = 'enterprise' or member_id in (select person_id from centre_persons) then {0} end",
}


class Mart(NamedTuple):
    """One table of the release: the condition for a centre's rows, and the key."""

    name: str
    row_filter: str
    key: tuple[str, ...]


MARTS = (
    Mart("named_persons", "centre_id = {centre_id}", ("person_id",)),
    Mart("persons_counted", "centre_id = {centre_id}", ("basis",)),
    Mart("persons", OF_CENTRES_NAMED, ("person_id",)),
    Mart("enterprises", OF_CENTRES_ENTERPRISES, ("orgnr",)),
    Mart("roles", OF_CENTRES_PERSONS, ("role_id",)),
    Mart("bankruptcy_involvements", OF_CENTRES_PERSONS, ("person_id", "orgnr", "role_id")),
    Mart("inspections", OF_CENTRES_ENTERPRISES, ("inspection_id",)),
    Mart("offence_cases", OF_CENTRES_OFFENCES, ("case_number", "person_id")),
    Mart("indicator_observations", OF_CENTRES_PERSONS, ("person_id", "indicator_code")),
    Mart("assessments", OF_CENTRES_OWN_PERSONS, ("person_id",)),
    Mart("prioritisations", OF_CENTRES_PERSONS, ("decision_id", "person_id")),
    Mart("case_outcomes", OF_CENTRES_CASES, ("reporting_agency", "reference")),
    Mart("networks", OF_CENTRES_NETWORKS, ("network_id",)),
    Mart(
        "network_members",
        f"{OF_CENTRES_NETWORKS} and {_visible('member_kind', 'member_id')}",
        ("network_id", "member_kind", "member_id"),
    ),
    Mart(
        "network_ties",
        f"{OF_CENTRES_NETWORKS} and {_visible('from_kind', 'from_id')} and {_visible('to_kind', 'to_id')} and {MEETING}"
        f" and {NO_WITHHELD_HOMES}",
        ("network_id", "from_id", "to_id", "tie"),
    ),
    Mart("coordination", OF_CENTRES_PERSONS, ("person_id",)),
    Mart("exposed_workers", "orgnr in (select orgnr from centre_led)", ("orgnr",)),
    Mart(
        "principals",
        "supplier_orgnr in (select orgnr from centre_led)",
        ("principal_orgnr", "supplier_orgnr", "purchase_year"),
    ),
    Mart("delivery_ages", "true", ("agency",)),
    Mart("withheld_data", OF_CENTRE_OR_ASSESSMENT, ("withheld_from", "agency", "category")),
    Mart("withheld_rules", OF_CENTRE_OR_ASSESSMENT, ("withheld_from", "indicator_code")),
    Mart("situation_measures", OF_CENTRES_SCOPE, ("scope", "base", "measure")),
    Mart("goal_indicators", OF_CENTRES_SCOPE, ("scope", "period", "measure")),
    Mart("outcome_summaries", OF_SHARED_SUMMARIES, ("scope", "reporting_agency", "outcome_class")),
    Mart("actor_changes", OF_CENTRES_OWN_PERSONS, ("person_id", "period")),
    Mart("status_history", OF_CENTRES_OWN_PERSONS, ("person_id", "valid_from")),
)


class SharedColumn(NamedTuple):
    """A column that may be shared, the SQL of its shared value, and the database's type of that."""

    name: str
    sql: str
    kind: str


Tables = dict[str, pa.Table]
Columns = dict[str, list[SharedColumn]]


def shared_columns() -> Columns:
    """The columns that may be shared, by mart, in the files' order.

    Raises UserError where the marts lack a listed one, so that no renamed column loses its mask unnoticed.
    """
    kinds = _kinds()
    return {
        mart: [_shared_column(mart, name, mask, kinds) for name, mask in listed.items()]
        for mart, listed in allowed_columns().items()
    }


@lru_cache
def allowed_columns() -> dict[str, dict[str, str | None]]:
    """columns.yml: by mart, each column that may be shared, with its mask."""
    listed = yaml.safe_load(files("akrim.sharing").joinpath("columns.yml").read_text("utf-8"))
    return {
        mart: dict(kv for column in columns for kv in _column_and_mask(column))
        for mart, columns in listed.items()
    }


def _column_and_mask(listed: str | dict[str, str]) -> Iterable[tuple[str, str | None]]:
    return [(listed, None)] if isinstance(listed, str) else listed.items()


def _kinds() -> dict[tuple[str, str], str]:
    """The database type of every column of the marts, as dbt built them."""
    found = warehouse.read_arrow(
        "select table_name::text, column_name::text, data_type::text from information_schema.columns"
        " where table_schema = 'marts'"
    )
    return {(row["table_name"], row["column_name"]): row["data_type"] for row in found.to_pylist()}


def _shared_column(mart: str, name: str, mask: str | None, kinds: dict[tuple[str, str], str]) -> SharedColumn:
    if (mart, name) not in kinds:
        raise UserError(
            f"The column {mart}.{name} may leave, but the marts have none of that name.",
            "include/akrim/sharing/columns.yml",
            "Rename it there as in the mart, with its mask, or take it from the list.",
        )
    shown = f"({MASKS[mask]})" if mask else "{0}"
    kind = kinds[mart, name]
    if kind not in CASTS:
        return SharedColumn(name, shown, kind)
    cast, cast_kind = CASTS[kind]
    return SharedColumn(name, cast.replace("{0}", shown), cast_kind)


def read_tables(release_id: str, centre_id: str, columns: Columns) -> Tables:
    """Every table of the release as the centre gets it, read in one transaction."""
    names: dict[str, sql.Composable] = {
        "release_id": sql.Literal(release_id),
        "centre_id": sql.Literal(centre_id),
        "of_centres_persons": sql.SQL(OF_CENTRES_PERSONS),
        "of_centres_offences": sql.SQL(OF_CENTRES_OFFENCES),
    }
    with warehouse.arrow_cursor() as cursor:
        for statement in CENTRE_SCOPE:
            cursor.execute(sql.SQL(statement).format(**names).as_string())
        cursor.execute(
            "analyze centre_named, centre_persons, centre_enterprises, centre_evidence, centre_cases"
        )
        cursor.execute(CLOSED)
        closed = {(row["mart"], row["name"]) for row in cursor.fetch_arrow_table().to_pylist()}
        return {
            mart.name: _read(
                cursor, mart, columns[mart.name], {n for m, n in closed if m == mart.name}, names
            )
            for mart in MARTS
        }


def _read(
    cursor: Cursor,
    mart: Mart,
    columns: list[SharedColumn],
    closed: set[str],
    names: dict[str, sql.Composable],
) -> pa.Table:
    chosen = sql.SQL(", ").join(
        sql.SQL(f"null::{column.kind} as {{0}}" if column.name in closed else column.sql + " as {0}").format(
            sql.Identifier(column.name)
        )
        for column in columns
    )
    query = sql.SQL("select {} from {} where release_id = {} and ({})").format(
        chosen,
        sql.Identifier("marts", mart.name),
        names["release_id"],
        sql.SQL("false" if closed & set(mart.key) else mart.row_filter).format(**names),
    )
    cursor.execute(query.as_string())
    rows = cursor.fetch_arrow_table()
    return rows.sort_by([(name, "ascending") for name in mart.key]).combine_chunks()
