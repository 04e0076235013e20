"""Whom a change can concern: the persons with a description that some blocking rule brings to one that changed.

In go what is made anew (change.py) and what the base release kept (kept.py), out come the tables of a run, as if nobody
else existed: `units`, `told`, `told_by`, `standing_rows` and the keys of `standard`. That is right because all else was
found so by the base release, and because every person is taken whole: with all its records, and so all its units.
"""

import re
from collections.abc import Iterable

import duckdb

from akrim.linkage.engine import tables
from akrim.linkage.model.comparisons import MAY_BE_ONE_PERSON
from akrim.linkage.model.file import Model
from akrim.linkage.quality.held_out import blind
from akrim.linkage.records.descriptions import evidence_sql, number_descriptions

# The tables of what is made anew keep their content under these names when the neighbours are added.
ANEW = ("standard", "units", "told", "told_by")


@tables(
    reads="decisions kept_described kept_memberships kept_told neighbours parked_records replaced standard told told_by units",
    writes="blocking_keys new_standard new_told new_told_by new_units replaced_units seeds standard standing standing_rows told told_by units",
)
def gather_neighbours(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Put what is made anew together with all persons that it can concern."""
    for table in ANEW:
        con.execute(f"alter table {table} rename to new_{table}")
    con.execute(f"create or replace temp table replaced_units as {REPLACED_UNITS}")
    con.execute(f"create or replace temp table stirred as {STIRRED}")
    con.execute(f"create or replace temp table stirred_units as {STIRRED_UNITS}")
    con.execute(f"create or replace temp table seeds as {SEEDS}")
    _lay_keys(con, model)
    find_neighbours(con, model, "seeds")
    con.execute(f"create or replace temp table in_play as {IN_PLAY}")
    for table, query in PLAY.items():
        con.execute(f"create or replace temp table {table} as {query}")
    con.execute("create or replace temp table standing as select record_key, person_id from standing_records")


REPLACED_UNITS = "select distinct unit_key from kept_described semi join replaced using (record_key)"
# The persons of every record that changed, is parked or was decided on, those included that a returning record last belonged to.
STIRRED = """
select distinct person_id from kept_memberships semi join (
    select record_key from replaced
    union select record_key_l from decisions union select record_key_r from decisions union from parked_records
) using (record_key)
"""
STIRRED_UNITS = """
select distinct unit_key from kept_described semi join (
    select record_key from kept_memberships semi join stirred using (person_id)
) using (record_key) anti join replaced_units using (unit_key)
"""
SEEDS = """
select * exclude (content_digest) from new_told
union all by name
select * exclude (content_digest) from kept_told semi join stirred_units using (unit_key)
"""


def _lay_keys(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Build `blocking_keys`: of every description there now is, what the blocking rules read."""
    columns = ", ".join(
        sorted({found for rule in _rules(model) for found in re.findall(r"\bl\.(\w+)", rule)})
    )
    con.execute(
        f"create or replace temp table blocking_keys as"  # noqa: S608  # columns that the model's rules name
        f" select unit_key, {columns} from kept_told anti join replaced_units using (unit_key)"
        f" union all select unit_key, {columns} from new_told"
    )


@tables(reads="blocking_keys seeds", writes="neighbours")
def find_neighbours(con: duckdb.DuckDBPyConnection, model: Model, seeds: str) -> None:
    """Build `neighbours`: the units with a description that a rule brings to one of the seeds."""
    met = " union ".join(
        f"select unit_key from blocking_keys l semi join {seeds} r on {rule}"  # noqa: S608  # the model's own rules
        for rule in _rules(model)
    )
    con.execute(f"create or replace temp table neighbours as {met}")


def _rules(model: Model) -> Iterable[str]:
    rules = model.settings["blocking_rules_to_generate_predictions"]
    return [rule["blocking_rule"].removesuffix(f" and {MAY_BE_ONE_PERSON}") for rule in rules]


# A unit is named by a record of it, and all its records stand with one person.
IN_PLAY = """
from stirred
union
select person_id from kept_memberships semi join neighbours on neighbours.unit_key = record_key where stands
"""
STANDING_COLUMNS = "source, extract, source_record_id, content_digest, person_id, link_kind, match_weight, same_number_as, has_borrowed_number, stands"
PLAY = {
    "standing_records": "select * from kept_memberships semi join in_play using (person_id)",
    "standing_rows": f"select {STANDING_COLUMNS} from standing_records",  # noqa: S608  # columns named here
    "old_records": "select record_key from standing_records anti join replaced using (record_key) where stands",
    "old_described": "select * from kept_described semi join old_records using (record_key)",
    "units": (
        "select record_key, national_number, d_number, is_borrowed, identity, unit_key from new_units union all"
        " select record_key, national_number, d_number, is_borrowed, identity, unit_key from old_described"
    ),
    "told_by": "select record_key, first_key from new_told_by union all select record_key, first_key from old_described",
    "told": (
        "select * from new_told union all by name"
        " select * from kept_told semi join old_described using (unit_key)"
    ),
    "standard": (
        "select record_key, source, extract, source_record_id from new_standard union all"
        " select record_key, source, extract, source_record_id from standing_records semi join old_records using (record_key)"
        " where stands"
    ),
}


@tables(
    reads="described rescored standing_rows standing_units",
    writes="described descriptions standing standing_rows standing_units",
)
def leave_out_the_untouched(con: duckdb.DuckDBPyConnection) -> None:
    """Once pairs are scored: go on without the settled persons that nothing came near and that nobody else claims."""
    con.execute(f"create or replace temp table untouched as {UNTOUCHED}")
    con.execute("delete from standing_units where unit_id in (select unit_id from untouched)")
    con.execute("delete from described where unit_id in (select unit_id from untouched)")
    con.execute("delete from descriptions where unit_id in (select unit_id from untouched)")
    con.execute("delete from standing_rows where person_id in (select person_id from untouched)")
    con.execute("delete from standing where person_id in (select person_id from untouched)")


UNTOUCHED = """
select unit_id, person_id from standing_units anti join rescored using (unit_id)
anti join (
    select person_id from standing_rows semi join described on record_key = source || '/' || source_record_id where not stands
) claimed using (person_id)
where is_settled
"""


@tables(
    reads="blind_standard blind_units described drawn_records kept_described kept_memberships kept_standard kept_told neighbours",
    writes="clusters seeds standard",
)
def gather_around_drawn(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Lay the tables that the figures need around `drawn_records`, from what this run has kept."""
    con.execute(
        "create or replace temp table standard as from kept_standard semi join drawn_records using (record_key)"
    )
    blind(con)
    con.execute(f"create or replace temp table seeds as {evidence_sql('blind_standard', 'blind_units')}")
    find_neighbours(con, model, "seeds")
    for table, query in AROUND_DRAWN.items():
        con.execute(f"create or replace temp table {table} as {query}")
    number_descriptions(con)
    con.execute(
        "create or replace temp table clusters as select unit_id, min(unit_id) over (partition by person_id) as cluster_id"
        " from (select distinct unit_id, person_id from described join standing_records using (record_key))"
    )


AROUND_DRAWN = {
    "in_play": """
        select distinct person_id from kept_memberships semi join (
            select record_key from drawn_records union select unit_key as record_key from neighbours
        ) using (record_key) where stands""",
    "standing_records": (
        "select record_key, person_id from kept_memberships semi join in_play using (person_id) where stands"
    ),
    "told_by": "from kept_described semi join standing_records using (record_key)",
    "told": "from kept_told semi join told_by using (unit_key)",
}
