"""Training: where the weights come from. Rare, seeded, dated; no weight is ever set by looking at results.

In goes `standard` with `units`, out comes a model: Splink settings with m and u, and the term frequencies of names.
u comes from random pairs. m comes from pairs that a valid person number labels as one person, where there are enough
of them; otherwise, and for the person number itself, from expectation maximisation. A grade never seen among the
sampled pairs gets the probability of half a sighting rather than none.
"""

from dataclasses import dataclass
from typing import Any

import duckdb
from splink import block_on

from akrim.linkage.descriptions import describe
from akrim.linkage.engine import count
from akrim.linkage.guards import GUARDS, UNLABELLED_GUARDS
from akrim.linkage.model import (
    BLOCKING_RULES,
    BROAD_BLOCKING_RULES,
    COMPARISONS,
    MAY_BE_ONE_PERSON,
    MOST_PAIRS_PER_DESCRIPTION,
    RARITY_COLUMNS,
    THRESHOLDS,
    UNLABELLED_THRESHOLDS,
    Level,
)
from akrim.linkage.model_file import Model
from akrim.linkage.refinement import refine
from akrim.linkage.scoring import make_linker
from akrim.linkage.settings import create_settings

# Below so many labelled pairs, m is estimated without labels.
ENOUGH_LABELLED_PAIRS = 500
# A comparison that so few records can make teaches nothing and is left out.
LEAST_FILLED_SHARE = 0.02


@dataclass(frozen=True)
class TrainingPlan:
    """How much to sample, and the seed that makes it repeatable."""

    seed: int = 20261124
    random_pairs: float = 2e6
    pairs_per_rule: float = 1e6
    may_block_broadly: bool = True


CERTAIN_RULES = (
    "l.given = r.given and l.family = r.family and l.birth_date = r.birth_date",
    "l.given = r.given and l.birth_date = r.birth_date and l.address = r.address",
)
CERTAIN_RULES_RECALL = 0.6
MOST_PROBABLE_PRIOR = 0.1
QUICK = TrainingPlan()

EM_RULES = (
    ("given", "family"),
    ("birth_date",),
    ("address", "given"),
    ("postcode", "family"),
)

LABELLED_PAIRS = """(
    select 1 from descriptions l join descriptions r using (identity) where l.description_id < r.description_id
) as labelled"""


def train(con: duckdb.DuckDBPyConnection, plan: TrainingPlan = QUICK) -> Model:
    """Train on what stands in `standard` and `units`."""
    describe(con, by_source=True)
    freeze_frequencies(con)
    labelled = count(con, LABELLED_PAIRS) >= ENOUGH_LABELLED_PAIRS
    blocking = BLOCKING_RULES | (_cheap_broad_rules(con) if plan.may_block_broadly and not labelled else {})
    untrained = create_settings(_fillable_comparisons(con), blocking)
    settings = _trained_one_rule_at_a_time(con, _with_random_pairs(con, untrained, plan), plan, labelled)
    least = {"m_probability": 0.5 / ENOUGH_LABELLED_PAIRS, "u_probability": 0.5 / plan.random_pairs}
    known_m = set(COMPARISONS) - {"person_number"} if labelled else set()
    return Model(
        name="trained on these records",
        training={"labelled": labelled},
        settings=refine(con, _completed(settings, least), known_m, least),
        thresholds=THRESHOLDS if labelled else UNLABELLED_THRESHOLDS,
        guards=tuple(GUARDS) if labelled else UNLABELLED_GUARDS,
    )


def _trained_one_rule_at_a_time(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], plan: TrainingPlan, labelled: bool
) -> dict[str, Any]:
    linker = make_linker(con, settings)
    if labelled:
        linker.training.estimate_m_from_label_column("identity")
    for columns in EM_RULES[: 1 if labelled else None]:
        filled = " and ".join(f"{column} is not null" for column in columns)
        if count(con, "descriptions", filled):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*columns), max_pairs=plan.pairs_per_rule, estimate_without_term_frequencies=True
            )
    return linker.misc.save_model_to_json()


def _cheap_broad_rules(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The broad rules that look at few enough pairs on these records."""
    most = MOST_PAIRS_PER_DESCRIPTION * count(con, "descriptions")
    cheap = {}
    for name, columns in BROAD_BLOCKING_RULES.items():
        present = " and ".join(f"{column} is not null" for column in columns)
        (pairs,) = con.execute(
            f"select coalesce(sum(n * (n - 1) / 2), 0) from"
            f" (select count(*) as n from descriptions where {present} group by {', '.join(columns)})"
        ).fetchall()[0]
        if 0 < pairs <= most:
            cheap[name] = " and ".join(f"l.{column} = r.{column}" for column in columns)
    return cheap


def freeze_frequencies(con: duckdb.DuckDBPyConnection) -> None:
    """How common each name is, from one description a unit."""
    for column in RARITY_COLUMNS:
        con.execute(f"""
            create or replace temp table frequencies_{column} as
            select {column}, count(distinct unit_id) as people,
                count(distinct unit_id) / sum(count(distinct unit_id)) over () as tf_{column}
            from descriptions where {column} is not null group by {column}
        """)


def _fillable_comparisons(con: duckdb.DuckDBPyConnection) -> dict[str, list[Level]]:
    """The comparisons whose fields are filled often enough to be learnt."""
    filled = {
        "given_name": "given", "family_name": "family", "birth_date": "birth_date", "home": "coalesce(address, postcode)",
        "phone": "phone_number", "person_number": "number_evidence",
    }  # fmt: skip
    shares = ", ".join(f"count({column}) / greatest(count(*), 1)" for column in filled.values())
    row = con.execute(f"select {shares} from descriptions").fetchall()[0]
    kept = {name for name, share in zip(filled, row, strict=True) if share >= LEAST_FILLED_SHARE}
    return {name: levels for name, levels in COMPARISONS.items() if name in kept} or COMPARISONS


def _with_random_pairs(con: duckdb.DuckDBPyConnection, settings: Any, plan: TrainingPlan) -> dict[str, Any]:
    """u from random pairs of different units, and a first guess of the prior."""
    con.execute(
        "create or replace temp table one_each as select * from descriptions"
        " qualify row_number() over (partition by unit_id order by description_id) = 1"
    )
    linker = make_linker(con, settings, "one_each")
    linker.training.estimate_u_using_random_sampling(max_pairs=plan.random_pairs, seed=plan.seed)
    return linker.misc.save_model_to_json() | {"probability_two_random_records_match": _first_prior(con)}


def _first_prior(con: duckdb.DuckDBPyConnection) -> float:
    """The share of pairs that are equal in nearly everything, raised by those that certain rules miss."""
    units = count(con, "one_each")
    possible = max(units * (units - 1) / 2, 1.0)
    certain = " or ".join(f"({rule})" for rule in CERTAIN_RULES)
    seen = count(
        con,
        "one_each l join one_each r on l.given = r.given and l.birth_date = r.birth_date and l.description_id < r.description_id",
        f"({certain}) and {MAY_BE_ONE_PERSON}",
    )
    return min(max(seen / CERTAIN_RULES_RECALL, 1.0) / possible, MOST_PROBABLE_PRIOR)


def _completed(settings: dict[str, Any], least: dict[str, float]) -> dict[str, Any]:
    """Every level with numbers: what was never sighted is rare, not impossible, and what was sighted neither among
    matches nor among random pairs weighs as much as the next lower level."""
    for comparison in settings["comparisons"]:
        lower: dict[str, float] = {}
        for level in reversed(comparison["comparison_levels"]):
            if level.get("is_null_level"):
                continue
            sighted = {
                name: isinstance(level.get(name), float) and level[name] > least[name] for name in least
            }
            if any(sighted.values()) or not lower:
                lower = {name: level[name] if sighted[name] else floor for name, floor in least.items()}
            level.update(lower)
    return settings
