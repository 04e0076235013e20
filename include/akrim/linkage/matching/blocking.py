"""Blocking: the pairs of descriptions that the model's rules generate, and an estimate of their number beforehand.

The estimate shows in time which rule generates too many. Each rule is one join and duplicates are dropped afterwards,
which takes half the time of Splink's own statement, where each rule excludes the pairs of all rules before it.
"""

import logging

import duckdb
from splink import DuckDBAPI
from splink.blocking_analysis import count_comparisons_from_blocking_rules

from akrim.linkage.engine import count, tables
from akrim.linkage.model.blocking_rules import (
    MAX_PAIRS_PER_DESCRIPTION,
    blocked_sql,
    rule_conditions,
    rule_names,
)
from akrim.linkage.model.file import LinkageModel

log = logging.getLogger(__name__)

# Above this many descriptions the rules are tried on a sample, and the count divided by its share squared. Even a rule
# that pairs everybody with everybody is counted in a second.
SAMPLED_DESCRIPTIONS = 20_000


@tables(reads="descriptions")
def estimate_pairs(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> dict[str, int]:
    """Estimate, and log, how many pairs each rule adds to those before it, with a warning for an excessive number."""
    descriptions = max(count(con, "descriptions"), 1)
    share = min(1.0, SAMPLED_DESCRIPTIONS / descriptions)
    con.execute(f"create or replace temp table sampled_descriptions as {SAMPLE}", [share])
    counted = count_comparisons_from_blocking_rules(
        DuckDBAPI(con).register("sampled_descriptions"),
        blocking_rules=rule_conditions(model.settings),
        link_type="dedupe_only",
        unique_id_column_name="description_id",
        record_sample_proportion=1.0,
    )
    con.execute("drop table sampled_descriptions")
    expected = {
        name: round(rule["marginal_comparison_count"] / share**2)
        for name, rule in zip(rule_names(model.settings), counted, strict=True)
    }
    log.info("about %s pairs to weigh of %s descriptions", f"{sum(expected.values()):,}", f"{descriptions:,}")
    for name, pairs in sorted(expected.items(), key=lambda item: -item[1]):
        log.info("  %s: about %s", name, f"{pairs:,}")
        if pairs > MAX_PAIRS_PER_DESCRIPTION * descriptions:
            log.warning(
                "  %s makes far too many: is a value of its columns a placeholder for `unknown`?", name
            )
    return expected


@tables(reads="descriptions", writes="blocked")
def block(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Build `blocked` (join_key_l, join_key_r): each pair of descriptions once, the smaller first."""
    con.execute(f"create or replace temp table blocked as {blocked_sql(rule_conditions(model.settings))}")


SAMPLE = "select * from descriptions where hash(description_id) % 1000000 < ? * 1000000"
