"""A unit's distinct descriptions: what Splink compares.

`descriptions` has one row for each different way in which a unit is described; `described` maps records to them. A
person recorded a hundred times in the same words is compared once; one recorded under two names can be found under
either. Ids are numbered by content, never by order of arrival.
"""

import duckdb

from akrim.linkage.engine import tables

COMPARED_COLUMNS = (
    "given", "given_sound", "given_formal", "further_names",
    "family", "family_last", "family_words", "family_sound", "family_first_sound", "is_double_name",
    "name_sound", "rare_name", "rare_first_name", "birth_date", "birth_key", "birth_digits", "birth_day", "birth_year",
    "initials", "address", "street", "postcode", "municipality", "is_crowded", "phone_number", "is_shared_phone",
    "number_evidence", "number_kind", "number_tail", "national_number", "d_number",
)  # fmt: skip

# Of the content, and by themselves of number, birth date and name, which tell whether a key is another person's by now. They are
# kept, and without the installation's key somebody could try all numbers: without one, there are none.
IDENTIFIED_DIGEST = """
concat_ws(
    ' ', md5(concat(getvariable('digest_key'), content_digest)),
    coalesce(left(md5(getvariable('digest_key') || descriptions.identity), 16), ''),
    coalesce(left(md5(getvariable('digest_key') || descriptions.birth_date), 8), ''),
    coalesce(left(md5(getvariable('digest_key') || descriptions.given || ' ' || descriptions.family), 8), '')
)"""


def use_key(con: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Key the digests that are kept of each record."""
    con.execute("set variable digest_key = ?", [key.hex()])


def evidence_sql(standard: str = "standard", units: str = "units") -> str:
    """The comparable columns of each record; a borrowed number is no evidence, nor the birth date read from it."""
    return f"""
select s.* exclude (national_number, d_number, birth_date, birth_key), u.unit_key, u.national_number, u.d_number, u.identity,
    u.is_borrowed,
    case when u.is_borrowed then s.stated_birth_date else s.birth_date end as birth_date,
    coalesce(case when u.is_borrowed then swap_safe(s.stated_birth_date) else s.birth_key end, s.impossible_birth_date) as birth_key,
    coalesce(strftime(case when u.is_borrowed then s.stated_birth_date else s.birth_date end, '%Y%m%d'), s.impossible_birth_date)
        as birth_digits,
    right(birth_digits, 4) as birth_day, left(birth_digits, 4)::bigint as birth_year,
    case when not u.is_borrowed then s.identifier_digits end as number_evidence,
    case when u.is_borrowed then null when s.national_number is not null then 'national_number'
        when s.d_number is not null then 'd_number' end as number_kind,
    case when not u.is_borrowed and length(s.identifier_digits) = 11 then right(s.identifier_digits, 5) end
        as number_tail
from {standard} s join {units} u using (record_key)
"""


def describe(con: duckdb.DuckDBPyConnection, by_source: bool = False) -> None:
    """Build `descriptions` and `described`; `by_source` never groups records of two sources, as training needs."""
    group_descriptions(con, by_source)
    number_descriptions(con)


@tables(reads="standard units", writes="grouped_descriptions record_descriptions")
def group_descriptions(con: duckdb.DuckDBPyConnection, by_source: bool = False) -> None:
    """Build `grouped_descriptions`, keyed by the first record that has it, and `record_descriptions` (record_key, first_key)."""
    compared = (*COMPARED_COLUMNS, "identity", "is_borrowed")
    digested = ", ".join(f"coalesce({column}::varchar, '')" for column in compared)
    digest = f"md5(concat_ws('|', {digested}))"
    described_by = "unit_key, content_digest, source" if by_source else "unit_key, content_digest"
    # The groups hold keys and digests alone: whole descriptions in them would not fit into memory.
    con.execute(f"""
        create or replace temp table record_descriptions as
        select record_key, content_digest, min(record_key) over (partition by {described_by}) as first_key
        from (select *, {digest} as content_digest from ({evidence_sql()}))
    """)
    con.execute(f"""
        create or replace temp table grouped_descriptions as
        select unit_key, {", ".join(compared)}, record_key as first_key, content_digest
        from ({evidence_sql()}) join (from record_descriptions where record_key = first_key) using (record_key)
    """)
    con.execute("alter table record_descriptions drop column content_digest")


@tables(reads="grouped_descriptions record_descriptions", writes="described descriptions")
def number_descriptions(con: duckdb.DuckDBPyConnection) -> None:
    """Build `descriptions` and `described` from `grouped_descriptions` and `record_descriptions`, which are dropped."""
    # Sorted by themselves: a sort of whole descriptions would carry all that is in them.
    con.execute("""
        create or replace temp table description_ids as
        select first_key, (dense_rank() over (order by unit_key))::integer as unit_id,
            (row_number() over (order by first_key))::integer as description_id
        from grouped_descriptions
    """)
    con.execute("""
        create or replace temp table descriptions as
        select unit_id, grouped_descriptions.*, description_id from grouped_descriptions join description_ids using (first_key)
    """)
    con.execute("drop table description_ids")
    con.execute(f"""
        create or replace temp table described as
        select record_key, description_id, unit_id, {IDENTIFIED_DIGEST} as content_digest
        from record_descriptions join descriptions using (first_key)
    """)
    con.execute("drop table grouped_descriptions")
    con.execute("drop table record_descriptions")
