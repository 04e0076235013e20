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
from akrim.linkage.model.comparisons import RARITY_COLUMNS
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.model.guards import GUARDED_WEIGHT, GUARDS
from akrim.settings import get_settings

log = logging.getLogger(__name__)

# Up to this many descriptions take seconds, so that pairs are not estimated beforehand.
MAX_DESCRIPTIONS_WITHOUT_ESTIMATE = 20_000
# Blocked pairs scored at a time; each chunk reads the descriptions again.
PAIRS_AT_ONCE = 10_000_000


@tables(reads="descriptions frequencies_*", writes="rarity_*")
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


@tables(reads="blocked descriptions rarity_*", writes="pairs rescored")
def score_pairs(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `pairs`: unit_l < unit_r, the best match weight, the two descriptions that gave it, and any guard.

    Blocked pairs are scored in chunks to bound memory.
    """
    if count(con, "descriptions") > MAX_DESCRIPTIONS_WITHOUT_ESTIMATE:
        estimate_pairs(con, model)
    if get_settings().linkage_backend == "spark":
        from akrim.linkage.spark.screening import screen_pairs  # it imports this module

        screen_pairs(con, model)
    else:
        block(con, model)
    chunks = ceil(count(con, "blocked") / PAIRS_AT_ONCE) or 1
    con.execute(NO_PAIRS)
    api = DuckDBAPI(con)
    linker = make_linker(con, model.settings, api=api)
    started = time.monotonic()
    for chunk in range(1, chunks + 1):
        con.execute(
            f"create or replace temp table blocked_chunk as from blocked where join_key_l % {chunks} = {chunk - 1}"
        )
        _score_blocked(con, api, linker, model)
        left = (time.monotonic() - started) / chunk * (chunks - chunk)
        found = f"{count(con, 'scored'):,} pairs so far that could be one person"
        log.info("chunk %s of %s: %s, about %.0f seconds left", chunk, chunks, found, left)
    con.execute("drop table blocked")
    con.execute("drop table blocked_chunk")
    con.execute(f"create or replace temp table pairs as {pairs_sql('scored', model.guards)}")
    con.execute(
        "create or replace temp table rescored as select distinct unit_id, true as is_changed from descriptions"
    )


def _score_blocked(
    con: duckdb.DuckDBPyConnection, api: DuckDBAPI, linker: Linker, model: LinkageModel
) -> None:
    """Add the pairs of `blocked_chunk` to `scored`."""
    registered = linker.table_management.register_blocked_pairs_for_predict(api.register("blocked_chunk"))
    # Otherwise Splink first copies the descriptions of the registered pairs, which costs more time than it saves.
    registered.metadata.pop("registered_for_predict")
    predicted = linker.inference.predict(
        threshold_match_weight=model.thresholds["consider"], warning_mode="never"
    )
    _add_scored(con, predicted)


@tables(reads="descriptions existing_units rarity_*", writes="pairs rescored")
def score_changed_pairs(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `pairs` that a change can affect: of unsettled units with all others, then among the settled persons that
    these paired with. All other pairs are as in the base release."""
    api = DuckDBAPI(con)
    linker = make_linker(con, model.settings, api=api)
    con.execute(f"create or replace temp table changed_descriptions as {CHANGED}")
    con.execute(f"create or replace temp table settled_descriptions as {SETTLED}")
    con.execute(NO_PAIRS)
    for sides in (["changed_descriptions"], ["changed_descriptions", "settled_descriptions"]):
        _add_pairs(con, linker, [api.register(side) for side in sides if count(con, side)], len(sides), model)
    con.execute(f"create or replace temp table near_descriptions as {NEAR}")
    near = [api.register("near_descriptions")] if count(con, "near_descriptions") else []
    _add_pairs(con, linker, near, 1, model)
    con.execute(f"create or replace temp table pairs as {pairs_sql('scored', model.guards)}")
    con.execute(f"create or replace temp table rescored as {RESCORED}")


CHANGED = """
select * from descriptions anti join (select unit_id from existing_units where is_settled) using (unit_id)
"""
SETTLED = "select * from descriptions semi join (select unit_id from existing_units where is_settled) using (unit_id)"
RESCORED = """
select distinct unit_id, true as is_changed from changed_descriptions
union all
select distinct unit_id, false from near_descriptions
"""
NO_PAIRS = """
create or replace temp table scored (match_weight double, description_id_l bigint, description_id_r bigint)
"""
# All descriptions of every settled person of whom one is in a pair.
NEAR = """
with paired as (
    select distinct u.person_id
    from (select unnest([description_id_l, description_id_r]) as description_id from scored)
    join settled_descriptions using (description_id) join existing_units u using (unit_id)
)
select d.* from settled_descriptions d join existing_units u using (unit_id) join paired using (person_id)
"""


def _add_pairs(
    con: duckdb.DuckDBPyConnection, linker: Linker, sides: list[Any], needed: int, model: LinkageModel
) -> None:
    """Add to `scored` the pairs within one table or between two; none if a side is missing."""
    if len(sides) < needed:
        return
    score = linker.inference.predict_between if needed == 2 else linker.inference.predict_within
    predicted = score(*sides, threshold_match_weight=model.thresholds["consider"], warning_mode="never")
    _add_scored(con, predicted)


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


def rarity_sql(column: str, table: str) -> str:
    """The model's frequencies, where a name not seen in training is as rare as the middle one of those that were: as the
    rarest, it would pass for proof among records whose common names are others."""
    return f"""
    create or replace temp table rarity_{column} as
    with unseen as (select coalesce(quantile_disc(tf_{column}, 0.5), 0.001) as tf from frequencies_{column})
    select {column}, tf_{column} from frequencies_{column}
    union all
    select distinct d.{column}, unseen.tf from {table} d, unseen
    where d.{column} is not null and d.{column} not in (select {column} from frequencies_{column})
    """
