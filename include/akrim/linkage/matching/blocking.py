"""Which pairs of descriptions the blocking rules bring together, and how many to expect before they are made.

In go `descriptions` and the model, out come the expected number of new pairs of each rule, so that a rule gone wild is
seen in time, and `blocked`, every pair once (description_l < description_r). Each rule is one join and doubles are dropped
afterwards, which costs half of what Splink's own statement does: that holds every pair of a rule against all rules
before it.
"""

import logging

import duckdb
from splink import DuckDBAPI
from splink.blocking_analysis import count_comparisons_from_blocking_rules

from akrim.linkage.engine import count, tables
from akrim.linkage.model.comparisons import (
    BLOCKING_RULES,
    BROAD_BLOCKING_RULES,
    MAY_BE_ONE_PERSON,
    MOST_PAIRS_PER_DESCRIPTION,
)
from akrim.linkage.model.file import Model

log = logging.getLogger(__name__)

# Beyond so few descriptions the rules are tried on a sample, whose pairs stand for as many more as its share squared.
# Few enough that even a rule which pairs everybody with everybody is counted in a second.
PROBED_DESCRIPTIONS = 20_000


def rule_names(model: Model) -> list[str]:
    """The names of a model's blocking rules, in its order; the condition itself where the rule has none any more."""
    known = {f"{condition} and {MAY_BE_ONE_PERSON}": name for name, condition in BLOCKING_RULES.items()}
    for name, columns in BROAD_BLOCKING_RULES.items():
        condition = " and ".join(f"l.{column} = r.{column}" for column in columns)
        known[f"{condition} and {MAY_BE_ONE_PERSON}"] = name
    return [known.get(condition, condition) for condition in _conditions(model)]


@tables(reads="descriptions")
def expect_pairs(con: duckdb.DuckDBPyConnection, model: Model) -> dict[str, int]:
    """About how many pairs each rule adds to those of the rules before it; logged, and warned of where absurd."""
    descriptions = max(count(con, "descriptions"), 1)
    share = min(1.0, PROBED_DESCRIPTIONS / descriptions)
    con.execute(f"create or replace temp table probed_descriptions as {PROBED}", [share])
    counted = count_comparisons_from_blocking_rules(
        DuckDBAPI(con).register("probed_descriptions"),
        blocking_rules=_conditions(model),
        link_type="dedupe_only",
        unique_id_column_name="description_id",
        record_sample_proportion=1.0,
    )
    con.execute("drop table probed_descriptions")
    expected = {
        name: round(rule["marginal_comparison_count"] / share**2)
        for name, rule in zip(rule_names(model), counted, strict=True)
    }
    log.info("about %s pairs to weigh of %s descriptions", f"{sum(expected.values()):,}", f"{descriptions:,}")
    for name, pairs in sorted(expected.items(), key=lambda item: -item[1]):
        log.info("  %s: about %s", name, f"{pairs:,}")
        if pairs > MOST_PAIRS_PER_DESCRIPTION * descriptions:
            log.warning("  %s makes absurdly many: is a value of its columns a stopgap for `unknown`?", name)
    return expected


@tables(reads="descriptions", writes="blocked")
def block(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Build `blocked`, in the columns that Splink expects."""
    joined = " union all ".join(
        "select l.description_id as join_key_l, r.description_id as join_key_r from descriptions l join descriptions r"  # noqa: S608  # the model's own rules
        f" on {condition} where l.description_id < r.description_id"
        for condition in _conditions(model)
    )
    con.execute(
        "create or replace temp table blocked as"  # noqa: S608  # the model's own rules
        f" select '0' as match_key, * from (select distinct * from ({joined}))"
    )


PROBED = "select * from descriptions where hash(description_id) % 1000000 < ? * 1000000"


def _conditions(model: Model) -> list[str]:
    return [rule["blocking_rule"] for rule in model.settings["blocking_rules_to_generate_predictions"]]
