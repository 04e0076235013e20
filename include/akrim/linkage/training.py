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
from akrim.linkage.model import COMPARISONS, MAY_BE_ONE_PERSON, RARITY_COLUMNS, Level
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


CERTAIN_RULES = (
    "l.given = r.given and l.family = r.family and l.birth_date = r.birth_date",
    "l.given = r.given and l.birth_date = r.birth_date and l.address = r.address",
)
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


def train(con: duckdb.DuckDBPyConnection, plan: TrainingPlan = QUICK) -> dict[str, Any]:
    """Train on what stands in `standard` and `units`."""
    describe(con, by_source=True)
    freeze_frequencies(con)
    settings = _with_random_pairs(
        con, create_settings(_fillable_comparisons(con)), plan
    )
    linker = make_linker(con, settings)
    labelled = count(con, LABELLED_PAIRS) >= ENOUGH_LABELLED_PAIRS
    if labelled:
        linker.training.estimate_m_from_label_column("identity")
    for columns in EM_RULES[: 1 if labelled else None]:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns),
            max_pairs=plan.pairs_per_rule,
            estimate_without_term_frequencies=True,
        )
    least = {
        "m_probability": 0.5 / ENOUGH_LABELLED_PAIRS,
        "u_probability": 0.5 / plan.random_pairs,
    }
    completed = _completed(linker.misc.save_model_to_json(), least)
    return refine(
        con,
        completed,
        set(COMPARISONS) - {"person_number"} if labelled else set(),
        least,
    )


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
    shares = ", ".join(
        f"count({column}) / greatest(count(*), 1)" for column in filled.values()
    )
    row = con.execute(f"select {shares} from descriptions").fetchall()[0]
    kept = {
        name
        for name, share in zip(filled, row, strict=True)
        if share >= LEAST_FILLED_SHARE
    }
    return {name: levels for name, levels in COMPARISONS.items() if name in kept}


def _with_random_pairs(
    con: duckdb.DuckDBPyConnection, settings: Any, plan: TrainingPlan
) -> dict[str, Any]:
    """u from random pairs of different units; the prior from how many pairs a unit-to-unit match would be."""
    con.execute(
        "create or replace temp table one_each as select * from descriptions"
        " qualify row_number() over (partition by unit_id order by description_id) = 1"
    )
    linker = make_linker(con, settings, "one_each")
    linker.training.estimate_u_using_random_sampling(
        max_pairs=plan.random_pairs, seed=plan.seed
    )
    linker.training.estimate_probability_two_random_records_match(
        [f"{rule} and {MAY_BE_ONE_PERSON}" for rule in CERTAIN_RULES], recall=0.6
    )
    return linker.misc.save_model_to_json()


def _completed(settings: dict[str, Any], least: dict[str, float]) -> dict[str, Any]:
    """Every level with numbers: what was never sighted is rare, not impossible."""
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            if level.get("is_null_level"):
                continue
            for name, floor in least.items():
                value = level.get(name)
                level[name] = (
                    max(float(value), floor) if isinstance(value, float) else floor
                )
    return settings
