"""Weighs what is new against everything that stands, by what the blocking rules read alone.

Few of the pairs that the rules choose come near the threshold. So they are weighed before the persons behind them are gathered, and
each pair once.
"""

import re

import duckdb

from akrim.linkage.engine import tables
from akrim.linkage.matching.scoring import score_blocked
from akrim.linkage.model.blocking_rules import MAY_BE_ONE_PERSON, rule_conditions
from akrim.linkage.model.file import LinkageModel

# Units have no numbers yet.
NOT_ONE_UNIT = MAY_BE_ONE_PERSON.replace("unit_id", "unit_key")


@tables(
    reads="cached_descriptions new_grouped_descriptions replaced_units",
    writes="blocking_keys current_descriptions",
)
def build_blocking_keys(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `blocking_keys`: of every current description its keys and the columns that the blocking rules read."""
    con.execute(f"create or replace temp view current_descriptions as {CURRENT_DESCRIPTIONS}")
    read = {found for rule in [*_rules(model), NOT_ONE_UNIT] for found in re.findall(r"\bl\.(\w+)", rule)}
    columns = ", ".join(sorted(read | {"first_key", "unit_key"}))
    con.execute(f"create or replace temp table blocking_keys as select {columns} from current_descriptions")


CURRENT_DESCRIPTIONS = """
from cached_descriptions anti join replaced_units using (unit_key)
union all by name
from new_grouped_descriptions
"""


@tables(reads="blocking_keys current_descriptions scored seeds", writes="near_pairs near_units")
def weigh_near_pairs(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `near_pairs`: the pairs of a description in `seeds` with any other that come near the threshold, each by the first record
    of its descriptions, and its weight; and `near_units`, the keys of their units."""
    con.execute(f"create or replace temp table chosen as {_chosen_sql(model)}")
    con.execute(f"create or replace temp table weighed as {WEIGHED}")
    con.execute(f"create or replace temp table blocked as {BLOCKED}")
    score_blocked(con, model, "weighed")
    con.execute(f"create or replace temp table near_pairs as {NEAR_PAIRS}")
    con.execute(f"create or replace temp table near_units as {NEAR_UNITS}")
    con.execute("drop table chosen; drop table weighed; drop table scored")


def _chosen_sql(model: LinkageModel) -> str:
    """The pairs that the rules choose, as the first records of their descriptions: a rule is the same either way round."""
    return " union ".join(
        "select least(l.first_key, r.first_key) as first_key_l, greatest(l.first_key, r.first_key) as first_key_r"
        f" from blocking_keys l join seeds r on {rule} and {NOT_ONE_UNIT}"
        for rule in _rules(model)
    )


# In the order of a full run, so that a pair's sides are the same.
WEIGHED = """
select *, row_number() over (order by first_key) as description_id from current_descriptions semi join (
    select first_key_l as first_key from chosen union select first_key_r from chosen
) using (first_key)
"""
BLOCKED = """
select l.description_id as join_key_l, r.description_id as join_key_r
from chosen join weighed l on l.first_key = first_key_l join weighed r on r.first_key = first_key_r
"""
NEAR_PAIRS = """
select l.first_key as first_key_l, r.first_key as first_key_r, match_weight
from scored join weighed l on l.description_id = description_id_l join weighed r on r.description_id = description_id_r
"""
NEAR_UNITS = """
select unit_key from weighed semi join (
    select first_key_l as first_key from near_pairs union select first_key_r from near_pairs
) using (first_key)
"""


@tables(reads="blocking_keys seeds", writes="neighbours")
def find_neighbours(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `neighbours`: the units with a description that a rule pairs with one of `seeds`."""
    matches = " union ".join(
        f"select unit_key from blocking_keys l semi join seeds r on {rule}" for rule in _rules(model)
    )
    con.execute(f"create or replace temp table neighbours as {matches}")


def _rules(model: LinkageModel) -> list[str]:
    """The conditions of the blocking rules, without what all have in common."""
    return [rule.removesuffix(f" and {MAY_BE_ONE_PERSON}") for rule in rule_conditions(model.settings)]
