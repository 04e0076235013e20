"""Groups records with equal valid person numbers into units, unless a number is borrowed.

Later steps never split a unit. `ties` are pairs of a D-number and the fødselsnummer that replaced it, and
`numbered_records` has each record's numbers. A number is taken as borrowed where the record's name and birth date
agree neither with the number's other bearers nor with the number itself, or where a clerk told the record apart from
another that has the number; that record becomes a unit of its own.
"""

import duckdb

from akrim.linkage.engine import tables

# How the stated birth date agrees with the number's: swapped day and month are equal, two of three parts are near.
BIRTH_DATE_AGREEMENT = """
    case when {stated} is null or {numbers} is null then 'unknown'
        when {stated} = {numbers} then 'equal'
        when swap_safe({stated}) = swap_safe({numbers}) then 'equal'
        when (year({stated}) = year({numbers}))::int + (month({stated}) = month({numbers}))::int
            + (day({stated}) = day({numbers}))::int >= 2 then 'near'
        else 'other' end"""
# Whether one part of two names agrees: by spelling, by sound or but for a typing error; a missing part agrees.
NAME_PART_AGREES = (
    "case when {a} = {b} then 1"
    " else coalesce(sound({a}) = sound({b}) or jaro_winkler_similarity({a}, {b}) >= 0.88, true)::int end"
)
# A number is borrowed if too little of name and birth date agrees with it.
IS_BORROWED = (
    "(birth_date_agreement = 'other' and agreeing_names < 2)"
    " or (birth_date_agreement in ('near', 'unknown') and agreeing_names = 0)"
)


@tables(reads="decisions standard", writes="units")
def build_units(con: duckdb.DuckDBPyConnection) -> None:
    """Build `units` (record_key, its numbers, unit_key)."""
    for table, query in (
        ("ties", TIES),
        ("identified", IDENTIFIED),
        ("reference_names", REFERENCE_NAMES),
        ("judged_numbers", _judged_numbers_sql()),
        ("numbered_records", NUMBERED_RECORDS),
        ("units", UNITS),
    ):
        con.execute(f"create or replace temp table {table} as {query}")
    for table in ("judged_numbers", "reference_names", "identified"):
        con.execute(f"drop table {table}")


# A tie from or to two numbers is ignored: it would join two valid numbers of one kind.
TIES = """
with stated as (
    select distinct previous_d_number as d_number, national_number
    from standard where previous_d_number is not null and national_number is not null
)
select d_number, national_number from stated
qualify count(*) over (partition by d_number) = 1 and count(*) over (partition by national_number) = 1
"""

IDENTIFIED = """
select s.record_key, s.given, s.family, s.stated_birth_date, s.number_birth_date,
    coalesce(s.national_number, tie_of_d.national_number) as national_number,
    coalesce(s.d_number, tie_of_n.d_number) as d_number,
    coalesce(s.national_number, tie_of_d.national_number, s.d_number) as identity
from standard s
left join ties tie_of_d on tie_of_d.d_number = s.d_number
left join ties tie_of_n on tie_of_n.national_number = s.national_number
where s.valid_number is not null
"""

# The most common name among bearers whose birth date fits the number, else among all bearers.
REFERENCE_NAMES = f"""
with counted as (
    select identity, given, family, count(*) as bearers,
        {BIRTH_DATE_AGREEMENT.format(stated="stated_birth_date", numbers="number_birth_date")} = 'equal' as fits
    from identified group by all
)
select identity, given, family from counted
qualify row_number() over (
    partition by identity order by fits desc, bearers desc, given nulls last, family nulls last) = 1
"""


def _judged_numbers_sql() -> str:
    agreement = BIRTH_DATE_AGREEMENT.format(stated="i.stated_birth_date", numbers="i.number_birth_date")
    straight = [NAME_PART_AGREES.format(a=part, b=f"reference_{part}") for part in ("given", "family")]
    crossed = [
        NAME_PART_AGREES.format(a=a, b=f"reference_{b}")
        for a, b in (("given", "family"), ("family", "given"))
    ]
    return f"""
    with compared as (
        select i.*, r.given as reference_given, r.family as reference_family, {agreement} as birth_date_agreement
        from identified i join reference_names r using (identity)
    ),
    judged as (
        select record_key, identity, national_number, d_number, birth_date_agreement,
            case when birth_date_agreement = 'equal' then 2
                else greatest({" + ".join(straight)}, {" + ".join(crossed)}) end as agreeing_names
        from compared
    )
    select *, {IS_BORROWED} as is_borrowed from judged
    """


# Of two that were told apart, one has not the number: the one told apart from more of its bearers, else whose name agrees less.
NUMBERED_RECORDS = """
with told_apart as (
    select l.record_key as key_l, r.record_key as key_r, -l.agreeing_names as doubt_l, -r.agreeing_names as doubt_r
    from decisions d join judged_numbers l on l.record_key = d.record_key_l join judged_numbers r on r.record_key = d.record_key_r
    where d.verdict = 'different' and l.identity = r.identity and not l.is_borrowed and not r.is_borrowed
),
counted as (
    select record_key, count(*) as verdicts
    from (select unnest([key_l, key_r]) as record_key from told_apart) group by all
),
odd as (
    select distinct case when (l.verdicts, doubt_l, key_l) > (r.verdicts, doubt_r, key_r) then key_l else key_r end as record_key
    from told_apart join counted l on l.record_key = key_l join counted r on r.record_key = key_r
)
select n.* replace (n.is_borrowed or odd.record_key is not null as is_borrowed)
from judged_numbers n left join odd using (record_key)
"""


# A borrowed number is no evidence, for or against. A unit's key is its smallest record key, so that it does not
# depend on which other records were delivered.
UNITS = """
with joined as (
    select s.record_key, case when not n.is_borrowed then n.national_number end as national_number,
        case when not n.is_borrowed then n.d_number end as d_number, coalesce(n.is_borrowed, false) as is_borrowed,
        case when not n.is_borrowed then n.identity end as identity
    from standard s left join numbered_records n using (record_key)
)
select record_key, national_number, d_number, is_borrowed, identity,
    case when identity is null then record_key
        else min(record_key) over (partition by identity) end as unit_key
from joined
"""
