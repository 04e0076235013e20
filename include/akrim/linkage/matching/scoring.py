"""Scoring with Splink: descriptions in, weighted pairs of units out.

A pair of units gets the weight of its best-matching pair of descriptions. Each Linker gets a DuckDBAPI of its own, since
Splink keeps blocked pairs and term frequencies on that object.
"""

import logging
import time
from collections.abc import Sequence
from math import ceil
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from akrim.linkage.engine import count, tables
from akrim.linkage.matching.blocking import block, estimate_pairs
from akrim.linkage.model.comparisons import RARITY_COLUMNS, rarity_sql
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.model.guards import GUARDED_WEIGHT, GUARDS
from akrim.linkage.spark.screening import screen_pairs
from akrim.settings import get_settings

log = logging.getLogger(__name__)

# Up to this many descriptions take seconds, so that pairs are not estimated beforehand.
MAX_DESCRIPTIONS_WITHOUT_ESTIMATE = 20_000
# Blocked pairs scored at a time; each chunk reads the descriptions again.
PAIRS_AT_ONCE = 10_000_000


@tables(reads="descriptions frequencies_* weighed", writes="rarity_*")
def make_linker(
    con: duckdb.DuckDBPyConnection, settings: Any, table: str = "descriptions", api: DuckDBAPI | None = None
) -> Linker:
    """A Linker on a table of this connection, with the model's term frequencies registered."""
    api = api or DuckDBAPI(con)
    linker = Linker(api.register(table), settings, log_level=logging.ERROR, validate_settings=False)
    for column in RARITY_COLUMNS:
        con.execute(rarity_sql(column, table))
        linker.table_management.register_term_frequency_lookup(api.register(f"rarity_{column}"), column)
    return linker


@tables(reads="descriptions scored", writes="pairs rescored")
def score_pairs(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `pairs`: unit_l < unit_r, the best match weight, the two descriptions that gave it, and any guard.

    Blocked pairs are scored in chunks to bound memory.
    """
    if count(con, "descriptions") > MAX_DESCRIPTIONS_WITHOUT_ESTIMATE:
        estimate_pairs(con, model)
    if get_settings().linkage_backend == "spark":
        screen_pairs(con, model)
    else:
        block(con, model)
    score_blocked(con, model)
    con.execute(f"create or replace temp table pairs as {pairs_sql('scored', model.guards)}")
    con.execute(
        "create or replace temp table rescored as select distinct unit_id, true as is_changed from descriptions"
    )


@tables(reads="blocked descriptions rarity_* weighed", writes="scored")
def score_blocked(
    con: duckdb.DuckDBPyConnection, model: LinkageModel, descriptions: str = "descriptions"
) -> None:
    """Build `scored`: the weight of each pair in `blocked` that comes near the threshold. `blocked` is dropped."""
    chunks = ceil(count(con, "blocked") / PAIRS_AT_ONCE) or 1
    con.execute(NO_PAIRS)
    api = DuckDBAPI(con)
    linker = make_linker(con, model.settings, descriptions, api)
    started = time.monotonic()
    for chunk in range(1, chunks + 1):
        con.execute(
            "create or replace temp table blocked_chunk as"
            f" select '0' as match_key, * from blocked where join_key_l % {chunks} = {chunk - 1}"
        )
        _add_scored(con, predict_blocked(api, linker, "blocked_chunk", model.thresholds["consider"]))
        left = (time.monotonic() - started) / chunk * (chunks - chunk)
        found = f"{count(con, 'scored'):,} pairs so far that could be one person"
        log.info("chunk %s of %s: %s, about %.0f seconds left", chunk, chunks, found, left)
    con.execute("drop table blocked")
    con.execute("drop table blocked_chunk")


def predict_blocked(api: DuckDBAPI, linker: Linker, blocked: str, threshold: float | None = None) -> Any:
    """Splink's table of the weights of pairs that were chosen before (match_key, join_key_l, join_key_r)."""
    registered = linker.table_management.register_blocked_pairs_for_predict(api.register(blocked))
    # Otherwise Splink first copies the descriptions of the registered pairs, which costs more time than it saves.
    registered.metadata.pop("registered_for_predict")
    return linker.inference.predict(threshold_match_weight=threshold, warning_mode="never")


@tables(
    reads="affected_persons descriptions existing_units near_pairs rarity_*", writes="pairs rescored scored"
)
def score_changed_pairs(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `pairs` that a change can affect: of unsettled units with all others, which near_pairs.py has weighed, then among the
    settled persons that these paired with or that are affected otherwise. All other pairs are as in the base release."""
    con.execute(f"create or replace temp table settled_units as {SETTLED_UNITS}")
    con.execute(f"create or replace temp table scored as {CHANGED_PAIRS}")
    con.execute(f"create or replace temp table near_descriptions as {NEAR}")
    if count(con, "near_descriptions"):
        api = DuckDBAPI(con)
        near = api.register("near_descriptions")
        predicted = make_linker(con, model.settings, api=api).inference.predict_within(
            near, threshold_match_weight=model.thresholds["consider"], warning_mode="never"
        )
        _add_scored(con, predicted)
    con.execute(f"create or replace temp table pairs as {pairs_sql('scored', model.guards)}")
    con.execute(f"create or replace temp table rescored as {RESCORED}")


SETTLED_UNITS = "select unit_id, person_id from existing_units where is_settled"
CHANGED_PAIRS = """
select match_weight, l.description_id as description_id_l, r.description_id as description_id_r
from near_pairs join descriptions l on l.first_key = first_key_l join descriptions r on r.first_key = first_key_r
left join settled_units settled_l on settled_l.unit_id = l.unit_id left join settled_units settled_r on settled_r.unit_id = r.unit_id
where settled_l.unit_id is null or settled_r.unit_id is null
"""
# All descriptions of every settled person of whom one is in such a pair, who has a record that came in other words, or whom one
# that comes back claims.
NEAR = """
with touched as (
    select person_id
    from (select unnest([description_id_l, description_id_r]) as description_id from scored)
    join descriptions using (description_id) join settled_units using (unit_id)
    union
    from affected_persons
)
select d.* from descriptions d join settled_units using (unit_id) semi join touched using (person_id)
"""
RESCORED = """
select distinct unit_id, true as is_changed from descriptions anti join settled_units using (unit_id)
union all
select distinct unit_id, false from near_descriptions
"""
NO_PAIRS = """
create or replace temp table scored (match_weight double, description_id_l bigint, description_id_r bigint)
"""


def _add_scored(con: duckdb.DuckDBPyConnection, predicted: Any) -> None:
    con.execute(
        f"insert into scored select match_weight, description_id_l, description_id_r from {predicted.physical_name}"
    )
    predicted.drop_table_from_database_and_remove_from_cache()


def pairs_sql(predicted: str, guards: Sequence[str], descriptions: str = "descriptions") -> str:
    """Weighted pairs of units from those of descriptions, each with the guard that fired, if any."""
    guard = " ".join(f"when {GUARDS[name]} then '{name}'" for name in guards) or "when false then null"
    return f"""
    with judged as (
        select least(l.unit_id, r.unit_id) as unit_l, greatest(l.unit_id, r.unit_id) as unit_r, p.match_weight,
            least(description_id_l, description_id_r) as description_l,
            greatest(description_id_l, description_id_r) as description_r, case {guard} end as guard
        from {predicted} p
        join {descriptions} l on l.description_id = p.description_id_l
        join {descriptions} r on r.description_id = p.description_id_r
    )
    select unit_l, unit_r, round(case when guard is null then match_weight else {GUARDED_WEIGHT} end, 4) as match_weight,
        round(match_weight, 4) as unguarded_weight, description_l, description_r, guard
    from judged
    qualify row_number() over (
        partition by unit_l, unit_r
        order by guard is not null, match_weight desc, description_l, description_r) = 1
    """
