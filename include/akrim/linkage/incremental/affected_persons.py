"""Finds the persons that a change can affect: those with a description that comes near a changed one.

The tables of a run are then built for these alone. That is enough, since the base release found all others in the same
way, and since every person is included with all its records and so all its units.
"""

import duckdb

from akrim.linkage.engine import tables
from akrim.linkage.incremental.near_pairs import build_blocking_keys, find_neighbours, weigh_near_pairs
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.quality.held_out import blind
from akrim.linkage.records.descriptions import evidence_sql, number_descriptions
from akrim.linkage.store.saving import MEMBERSHIP_COLUMNS

# These are renamed to new_<table> before the affected persons are added.
REBUILT_TABLES = ("standard", "units", "grouped_descriptions", "record_descriptions")


@tables(
    reads="cached_described cached_descriptions cached_memberships decisions grouped_descriptions near_units"
    " parked_records record_descriptions replaced standard units",
    writes="affected_persons existing_memberships existing_persons grouped_descriptions new_grouped_descriptions"
    " new_record_descriptions new_standard new_units record_descriptions replaced_units seeds standard units",
)
def gather_neighbours(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Add to the new rows those of all persons that they can affect."""
    for table in REBUILT_TABLES:
        con.execute(f"alter table {table} rename to new_{table}")
    con.execute(f"create or replace temp table replaced_units as {REPLACED_UNITS}")
    con.execute(f"create or replace temp table affected_persons as {AFFECTED_PERSONS}")
    con.execute(f"create or replace temp table affected_units as {AFFECTED_UNITS}")
    con.execute(f"create or replace temp table seeds as {SEEDS}")
    build_blocking_keys(con, model)
    weigh_near_pairs(con, model)
    con.execute(f"create or replace temp table selected_persons as {SELECTED_PERSONS}")
    for table, query in SELECTED_TABLES.items():
        con.execute(f"create or replace temp table {table} as {query}")
    con.execute(
        "create or replace temp table existing_persons as select record_key, person_id from existing_records"
    )


REPLACED_UNITS = "select distinct unit_key from cached_described semi join replaced using (record_key)"
# The persons of every record that changed, is parked or was decided on; for a returning record, its last person.
AFFECTED_PERSONS = """
select distinct person_id from cached_memberships semi join (
    select record_key from replaced
    union select record_key_l from decisions union select record_key_r from decisions union from parked_records
) using (record_key)
"""
AFFECTED_UNITS = """
select distinct unit_key from cached_described semi join (
    select record_key from cached_memberships semi join affected_persons using (person_id)
) using (record_key) anti join replaced_units using (unit_key)
"""
SEEDS = """
from new_grouped_descriptions
union all by name
from cached_descriptions semi join affected_units using (unit_key)
"""


# A unit's key is the key of one of its records, and all its records belong to one person.
SELECTED_PERSONS = """
from affected_persons
union
select person_id from cached_memberships semi join near_units on near_units.unit_key = record_key
"""
SELECTED_TABLES = {
    "existing_records": "select * from cached_memberships semi join selected_persons using (person_id)",
    "existing_memberships": f"select {', '.join(MEMBERSHIP_COLUMNS)}, is_current from existing_records",
    "old_records": "select record_key from existing_records anti join replaced using (record_key) where is_current",
    "old_described": "select * from cached_described semi join old_records using (record_key)",
    "units": (
        "select record_key, national_number, d_number, is_borrowed, identity, unit_key from new_units union all"
        " select record_key, national_number, d_number, is_borrowed, identity, unit_key from old_described"
    ),
    "record_descriptions": "select record_key, first_key from new_record_descriptions union all select record_key, first_key from old_described",
    "grouped_descriptions": (
        "select * from new_grouped_descriptions union all by name"
        " select * from cached_descriptions semi join old_described using (unit_key)"
    ),
    "standard": (
        "select record_key, source, extract, source_record_id from new_standard union all"
        " select record_key, source, extract, source_record_id from existing_records semi join old_records using (record_key)"
    ),
}


@tables(reads="existing_units rescored", writes="described existing_memberships")
def drop_unaffected_persons(con: duckdb.DuckDBPyConnection) -> None:
    """After scoring, drop the settled persons that were not rescored: neither clusters nor memberships are made of them."""
    con.execute(f"create or replace temp table unaffected as {UNAFFECTED}")
    con.execute("delete from described where unit_id in (select unit_id from unaffected)")
    con.execute("delete from existing_memberships where person_id in (select person_id from unaffected)")


# All units of persons that are not settled were rescored.
UNAFFECTED = "select unit_id, person_id from existing_units anti join rescored using (unit_id)"


@tables(
    reads="blind_standard blind_units cached_described cached_descriptions cached_memberships cached_standard described drawn_records neighbours",
    writes="clusters seeds standard",
)
def gather_around_drawn(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build the tables that the held-out figures need around `drawn_records`, from the cache."""
    con.execute(
        "create or replace temp table standard as from cached_standard semi join drawn_records using (record_key)"
    )
    blind(con)
    con.execute(f"create or replace temp table seeds as {evidence_sql('blind_standard', 'blind_units')}")
    find_neighbours(con, model)
    for table, query in AROUND_DRAWN.items():
        con.execute(f"create or replace temp table {table} as {query}")
    number_descriptions(con)
    con.execute(
        "create or replace temp table clusters as select unit_id, min(unit_id) over (partition by person_id) as cluster_id"
        " from (select distinct unit_id, person_id from described join existing_records using (record_key))"
    )


AROUND_DRAWN = {
    "selected_persons": """
        select distinct person_id from cached_memberships semi join (
            select record_key from drawn_records union select unit_key as record_key from neighbours
        ) using (record_key) where is_current""",
    "existing_records": (
        "select record_key, person_id from cached_memberships semi join selected_persons using (person_id) where is_current"
    ),
    "record_descriptions": "from cached_described semi join existing_records using (record_key)",
    "grouped_descriptions": "from cached_descriptions semi join record_descriptions using (unit_key)",
}
