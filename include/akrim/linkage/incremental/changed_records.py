"""Finds the records to standardise again: those that are new or changed, and old ones that a change affects.

An old record is affected if its address, phone or name has become or ceased to be common, or if a person number that it
shares came, went, was tied to another or is a record's that a clerk decided on; then with all that have such a number, so
that units are found whole.
"""

import duckdb

from akrim.identifiers import ControlRule
from akrim.linkage.engine import count, tables
from akrim.linkage.records.descriptions import group_descriptions
from akrim.linkage.records.standardise import (
    IS_COMMON_NAME,
    IS_CROWDED,
    IS_SHARED_PHONE,
    mark_shared_values,
    standardise_texts,
)
from akrim.linkage.records.units import build_units
from akrim.linkage.store import postgres as store

# Above this share, a full run is no slower.
MAX_CHANGED_SHARE = 0.3


@tables(
    reads="cached_standard cleaned decisions digests standard",
    writes="common_names crowded replaced shared_phones standard",
)
def find_changed_records(con: duckdb.DuckDBPyConnection, rule: ControlRule) -> bool:
    """Build `standard`, `units` and descriptions of these records, and `replaced`, the keys of the cached rows that they
    replace; false if so much changed that a full run is no slower."""
    con.execute(
        "create or replace temp table gone_records as select record_key from cached_standard anti join digests using (digest)"
    )
    con.execute(
        "create or replace temp table new_digests as from digests anti join cached_standard using (digest)"
    )
    if count(con, "new_digests") + count(con, "gone_records") > MAX_CHANGED_SHARE * count(con, "digests"):
        return False
    store.load_records(con, [row[0] for row in con.execute("from new_digests").fetchall()])
    standardise_texts(con, rule)
    con.execute(f"create or replace temp view remaining_records as {REMAINING_RECORDS}")
    con.execute(f"create or replace temp table changed_values as {CHANGED_VALUES}")
    for table, query in SHARING_NOW.items():
        con.execute(f"create or replace temp table {table} as {query}")
    _find_affected_records(con)
    mark_shared_values(con)
    con.execute(f"create or replace temp table standard as {REBUILT_RECORDS}")
    con.execute(f"create or replace temp table replaced as {REPLACED}")
    build_units(con)
    group_descriptions(con)
    return True


REMAINING_RECORDS = "select * from cached_standard anti join gone_records using (record_key)"
SHARED_COLUMNS = (
    "address, postcode, phone_number, given, family, given_sound, family_sound, family_first_sound,"
    " national_number, d_number, previous_d_number"
)
CHANGED_VALUES = f"""
select {SHARED_COLUMNS} from cleaned
union all select {SHARED_COLUMNS} from cached_standard semi join gone_records using (record_key)
"""

_ALL_RECORDS = "(select {columns} from remaining_records union all select {columns} from cleaned)"
_NAMES = "given_sound, family_sound"
# Whether each address, phone and name that a new, changed or removed record states is common now.
SHARING_NOW = {
    "addresses_now": f"""
        with stated as (select distinct address, postcode from changed_values where address is not null)
        select s.address, s.postcode, {IS_CROWDED} as is_common
        from stated s left join {_ALL_RECORDS.format(columns=f"address, postcode, {_NAMES}")} e
            on e.address = s.address and e.postcode is not distinct from s.postcode group by all""",
    "phones_now": f"""
        with stated as (select distinct phone_number from changed_values where phone_number is not null)
        select s.phone_number, {IS_SHARED_PHONE} as is_common
        from stated s left join {_ALL_RECORDS.format(columns=f"phone_number, {_NAMES}")} e using (phone_number) group by all""",
    "names_now": f"""
        with stated as (
            select distinct unnest([two_words(given_sound, family_sound), two_words(given_sound, family_first_sound)])
                as name_sound from changed_values
        ),
        stated_names as (
            select two_words(given_sound, family_sound) as name_sound
            from {_ALL_RECORDS.format(columns=f"given, family, {_NAMES}")} where given is not null and family is not null
        )
        select name_sound, {IS_COMMON_NAME} as is_common from stated left join stated_names using (name_sound) group by all""",
    "crowded": "select address, postcode from addresses_now where is_common",
    "shared_phones": "select phone_number from phones_now where is_common",
    "common_names": "select name_sound from names_now where is_common",
}
_SHARED_NOW = """
left join addresses_now a on a.address = s.address and a.postcode is not distinct from s.postcode
left join phones_now p on p.phone_number = s.phone_number
left join names_now n on n.name_sound = s.name_sound
left join names_now m on m.name_sound = two_words(s.given_sound, s.family_first_sound)
"""
RECLASSIFIED = f"""
select s.record_key, s.national_number, s.d_number from remaining_records s {_SHARED_NOW}
where a.is_common <> s.is_crowded or p.is_common <> s.is_shared_phone or n.is_common <> (s.rare_name is null)
    or m.is_common <> (s.rare_first_name is null)
"""


def _find_affected_records(con: duckdb.DuckDBPyConnection) -> None:
    """Build `affected_records`: unchanged records that a change affects."""
    con.execute(f"create or replace temp table reclassified as {RECLASSIFIED}")
    con.execute(f"create or replace temp table number_pairs as {NUMBER_PAIRS}")
    con.execute(f"create or replace temp table affected_numbers as {AFFECTED_NUMBERS}")
    added = 1
    while added:  # along ties between numbers, seldom more than twice
        [(added,)] = con.execute(f"insert into affected_numbers {LINKED_NUMBERS}").fetchall()
    con.execute(f"create or replace temp table affected_records as {AFFECTED_RECORDS}")


NUMBER_PAIRS = """
select distinct previous_d_number, national_number from (
    select previous_d_number, national_number from remaining_records
    union all select previous_d_number, national_number from changed_values
) where previous_d_number is not null and national_number is not null
"""
# Of two records that were decided on, one is enough: only where both share a number has it an effect on units.
AFFECTED_NUMBERS = """
select distinct unnest([national_number, d_number]) as number
from (select national_number, d_number from changed_values
    union all select national_number, d_number from reclassified
    union all select national_number, d_number from remaining_records semi join decisions on record_key = record_key_l)
"""
LINKED_NUMBERS = """
select number from (
    select previous_d_number as number from number_pairs where national_number in (from affected_numbers)
    union select national_number from number_pairs where previous_d_number in (from affected_numbers)
) anti join affected_numbers using (number)
"""
AFFECTED_RECORDS = """
select record_key from reclassified
union select record_key from remaining_records semi join affected_numbers on affected_numbers.number = national_number
union select record_key from remaining_records semi join affected_numbers on affected_numbers.number = d_number
"""
REBUILT_RECORDS = f"""
from standard
union all by name
select s.* replace (coalesce(a.is_common, s.is_crowded) as is_crowded, coalesce(p.is_common, s.is_shared_phone) as is_shared_phone,
    case n.is_common when true then null when false then s.name_sound else s.rare_name end as rare_name,
    case m.is_common when true then null when false then two_words(s.given_sound, s.family_first_sound)
        else s.rare_first_name end as rare_first_name)
from remaining_records s semi join affected_records using (record_key) {_SHARED_NOW}
"""
REPLACED = "select record_key from gone_records union select record_key from standard"
