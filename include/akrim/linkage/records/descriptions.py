"""A unit's distinct descriptions: what Splink compares.

In goes `standard` with `units`, out comes `descriptions`, one row for each different way in which a unit has been
described, and `described`, which leads from a record to its description. A person seen a hundred times in the same
words is compared once; one seen under two names can be found under either. Ids are numbered in the order of content,
never of arrival.
"""

import duckdb

from akrim.linkage.engine import tables

COMPARED_COLUMNS = (
    "given", "given_sound", "given_formal", "further_names", "family", "family_last", "family_words", "family_sound", "family_first_sound", "is_double_name",
    "name_sound", "rare_name", "rare_first_name", "birth_date", "birth_key", "birth_digits", "birth_day", "birth_year", "initials", "address", "street", "postcode", "municipality", "is_crowded",
    "phone_number", "is_shared_phone", "number_evidence", "number_kind", "number_tail", "national_number", "d_number",
)  # fmt: skip


def evidence_sql(standard: str = "standard", units: str = "units") -> str:
    """What each record says that can be compared; a borrowed number is no evidence, nor the birth date read from it."""
    return f"""
select s.* exclude (national_number, d_number, birth_date, birth_key), u.unit_key, u.national_number, u.d_number, u.identity,
    u.is_borrowed,
    case when u.is_borrowed then s.stated_birth_date else s.birth_date end as birth_date,
    case when u.is_borrowed then swap_safe(s.stated_birth_date) else s.birth_key end as birth_key,
    strftime(case when u.is_borrowed then s.stated_birth_date else s.birth_date end, '%Y%m%d') as birth_digits,
    strftime(case when u.is_borrowed then s.stated_birth_date else s.birth_date end, '%m%d') as birth_day,
    year(case when u.is_borrowed then s.stated_birth_date else s.birth_date end) as birth_year,
    case when not u.is_borrowed then s.identifier_digits end as number_evidence,
    case when u.is_borrowed then null when s.national_number is not null then 'national_number'
        when s.d_number is not null then 'd_number' end as number_kind,
    case when not u.is_borrowed and length(s.identifier_digits) = 11 then right(s.identifier_digits, 5) end
        as number_tail
from {standard} s join {units} u using (record_key)

"""  # noqa: S608  # tables and columns named here


def describe(con: duckdb.DuckDBPyConnection, by_source: bool = False) -> None:
    """Build `descriptions` and `described`; `by_source` keeps the sources apart, as training needs."""
    group_descriptions(con, by_source)
    number_descriptions(con)


@tables(reads="standard units", writes="told told_by")
def group_descriptions(con: duckdb.DuckDBPyConnection, by_source: bool = False) -> None:
    """Build `told` (a description of a unit, named by the first record that gives it) and `told_by` (record_key, first_key)."""
    compared = [*COMPARED_COLUMNS, "identity", "is_borrowed"]
    content = ", ".join(compared + (["source"] if by_source else []))
    digested = ", ".join(f"coalesce({column}::varchar, '')" for column in compared)
    con.execute(f"""
        create or replace temp table grouped as
        select unit_key, {content}, min(record_key) as first_key, list(record_key) as record_keys
        from ({evidence_sql()}) group by all
    """)  # noqa: S608  # tables and columns named here
    con.execute(
        "create or replace temp table told as"  # noqa: S608  # tables and columns named here
        f" select * exclude (record_keys), md5(concat_ws('|', {digested})) as content_digest from grouped"
    )
    con.execute(
        "create or replace temp table told_by as select unnest(record_keys) as record_key, first_key from grouped"
    )
    con.execute("drop table grouped")


@tables(reads="told told_by", writes="described descriptions")
def number_descriptions(con: duckdb.DuckDBPyConnection) -> None:
    """Build `descriptions` and `described` from `told` and `told_by`, which go."""
    con.execute("""
        create or replace temp table descriptions as
        with unit_ids as (
            select unit_key, row_number() over (order by unit_key) as unit_id
            from (select distinct unit_key from told)
        )
        select unit_id, told.*, row_number() over (order by first_key) as description_id
        from told join unit_ids using (unit_key)
    """)
    con.execute("""
        create or replace temp table described as
        select record_key, description_id, unit_id, content_digest from told_by join descriptions using (first_key)
    """)
    con.execute("drop table told")
    con.execute("drop table told_by")
