"""Training: estimates m, u and the term frequencies of names from `standard` and `units`; no weight is set by hand.

u comes from the non-matching pairs among random ones. m comes from pairs that a valid person number labels as one
person, if there are enough; otherwise, and for the person number itself, from expectation maximisation. A level never
seen among the sampled pairs gets the probability of half an observation.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from akrim.linkage.engine import count, tables
from akrim.linkage.matching.scoring import make_linker
from akrim.linkage.model.blocking_rules import (
    BLOCKING_RULES,
    BROAD_BLOCKING_RULES,
    MAX_BROAD_PAIRS_PER_DESCRIPTION,
    MAX_PAIRS_PER_RULE,
    broad_condition,
)
from akrim.linkage.model.comparisons import COMPARISONS, RARITY_COLUMNS, Level
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.model.guards import GUARDS, UNLABELLED_GUARDS
from akrim.linkage.model.splink_settings import create_settings
from akrim.linkage.model.thresholds import JOIN_LABELLED, JOIN_UNLABELLED, thresholds
from akrim.linkage.records.descriptions import describe
from akrim.linkage.training.expectation_maximisation import refine

# With fewer labelled pairs, m is estimated without labels.
MIN_LABELLED_PAIRS = 500
# A comparison whose field fewer records have is left out.
MIN_FILLED_SHARE = 0.02


@dataclass(frozen=True)
class TrainingPlan:
    """How much to sample, and the seed that makes it repeatable."""

    seed: int = 20261124
    random_pairs: float = 2e6
    may_block_broadly: bool = True


QUICK = TrainingPlan()

LABELLED_PAIRS = (
    "descriptions l join descriptions r on l.identity = r.identity and l.description_id < r.description_id"
)


@tables(reads="descriptions")
def train(con: duckdb.DuckDBPyConnection, plan: TrainingPlan = QUICK) -> LinkageModel:
    """Train on `standard` and `units`, to link these."""
    describe(con, by_source=True)
    freeze_frequencies(con)
    labelled = count(con, LABELLED_PAIRS) >= MIN_LABELLED_PAIRS
    blocking = BLOCKING_RULES | (_cheap_broad_rules(con) if plan.may_block_broadly and not labelled else {})
    untrained = create_settings(_fillable_comparisons(con), blocking)
    settings = _with_labelled_m(con, untrained) if labelled else _as_json(con, untrained)
    known_m = _learned_from_labels(con) if labelled else set()
    refined = refine(con, settings, known_m, plan.random_pairs, plan.seed)
    return LinkageModel(
        name="trained on these records",
        training={"labelled": labelled},
        settings=refined.settings,
        thresholds=thresholds(JOIN_LABELLED if labelled else JOIN_UNLABELLED),
        guards=_guards(labelled, refined.shared_by_relatives),
    )


def _guards(labelled: bool, shared: frozenset[str]) -> tuple[str, ...]:
    if labelled:
        return tuple(GUARDS)
    return tuple(guard for guard, comparison in UNLABELLED_GUARDS.items() if comparison in shared)


def _as_json(con: duckdb.DuckDBPyConnection, settings: Any) -> dict[str, Any]:
    return make_linker(con, settings).misc.save_model_to_json()


def _with_labelled_m(con: duckdb.DuckDBPyConnection, settings: Any) -> dict[str, Any]:
    """m from the pairs of descriptions with the same valid person number."""
    linker = make_linker(con, settings)
    linker.training.estimate_m_from_label_column("identity")
    return linker.misc.save_model_to_json()


def _learned_from_labels(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The comparisons that enough labelled pairs have; the person number is left out, since it makes the labels."""
    both = ", ".join(
        f"count(case when ({column.format('l')}) is not null and ({column.format('r')}) is not null then 1 end)"
        for column in FILLED.values()
    )
    row = con.execute(f"select {both} from {LABELLED_PAIRS}").fetchall()[0]
    learned = {name for name, pairs in zip(FILLED, row, strict=True) if pairs >= MIN_LABELLED_PAIRS}
    return learned - {"person_number"}


def _cheap_broad_rules(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The broad rules that generate few enough pairs on these records."""
    most = min(MAX_BROAD_PAIRS_PER_DESCRIPTION * count(con, "descriptions"), MAX_PAIRS_PER_RULE)
    cheap = {}
    for name, parts in BROAD_BLOCKING_RULES.items():
        columns = [part.format("d") for part in parts]
        present = " and ".join(f"{column} is not null" for column in columns)
        (pairs,) = con.execute(
            f"select coalesce(sum(n * (n - 1) / 2), 0) from"
            f" (select count(*) as n from descriptions d where {present} group by {', '.join(columns)})"
        ).fetchall()[0]
        if 0 < pairs <= most:
            cheap[name] = broad_condition(parts)
    return cheap


@tables(reads="descriptions", writes="frequencies_*")
def freeze_frequencies(con: duckdb.DuckDBPyConnection) -> None:
    """The share of units with each name."""
    for column in RARITY_COLUMNS:
        con.execute(f"""
            create or replace temp table frequencies_{column} as
            select {column}, count(distinct unit_id) as people,
                count(distinct unit_id) / sum(count(distinct unit_id)) over () as tf_{column}
            from descriptions where {column} is not null group by {column}
        """)


# What a description must have for a comparison.
FILLED = {
    "given_name": "{0}.given", "family_name": "{0}.family", "birth_date": "{0}.birth_digits",
    "home": "coalesce({0}.address, {0}.postcode)", "municipality": "{0}.municipality", "phone": "{0}.phone_number",
    "person_number": "{0}.number_evidence",
}  # fmt: skip


def _fillable_comparisons(con: duckdb.DuckDBPyConnection) -> dict[str, list[Level]]:
    """The comparisons whose fields are filled often enough."""
    shares = ", ".join(f"count({column.format('d')}) / greatest(count(*), 1)" for column in FILLED.values())
    row = con.execute(f"select {shares} from descriptions d").fetchall()[0]
    filled = {name for name, share in zip(FILLED, row, strict=True) if share >= MIN_FILLED_SHARE}
    return {name: levels for name, levels in COMPARISONS.items() if name in filled} or COMPARISONS
