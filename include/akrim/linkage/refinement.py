"""Expectation maximisation over all the pairs that blocking finds, where Splink's own runs over one rule at a time.

In goes a first model, out comes the same model with m, u and the prior re-estimated and the household comparison added.
One rule at a time teaches m from pairs that happen to agree on that rule, which are the less damaged ones. Two kinds of
pairs, one person and strangers, would make households persons: they are many, and they agree. So a third kind is
estimated with them, which shares family name, address and phone as it will, and given name and birth date as strangers
do. And where most records have a double, random pairs hold so many matches that u is too high: that is taken out again.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from akrim.linkage.engine import count
from akrim.linkage.household import NOTHING, SHARED_COMPARISONS, cells, grade_of, household_comparison
from akrim.linkage.scoring import make_linker

ROUNDS = 100
# So many descriptions are each held against all others; beyond, a sample of them is.
MOST_DESCRIPTIONS = 100_000
FIRST_PRIOR = 1e-4
MOST_PROBABLE = 0.1
# What a match or a household is first taken to agree in: the shares of the best level and of the last, for EM to improve.
FIRST_M = (0.9, 0.01)
FIRST_HOUSEHOLD = (0.6, 0.2)
PAIRS_OF_A_GUESS = 10

Floats = npt.NDArray[np.float64]
Tables = list[Floats]


@dataclass
class Kinds:
    """The three kinds of pairs: how frequent matches and households are, and each one's shares of levels."""

    prior: float
    household_prior: float
    m: Tables
    u: Tables
    household: Tables


@dataclass
class Patterns:
    """The patterns of agreement that occur, how many pairs show each, and how many pairs there could be."""

    names: list[str]
    levels: npt.NDArray[np.int64]
    pairs: Floats
    possible: float

    def log_probability(self, tables: Tables) -> Floats:
        """log2 of each pattern's probability; what is unknown says nothing."""
        total = np.zeros(len(self.levels))
        for place, table in enumerate(tables):
            known = self.levels[:, place] >= 0
            total[known] += np.log2(table)[self.levels[known, place]]
        return total

    def shares(self, place: int, weights: Floats, guess: Floats) -> Floats:
        """The weighted share of each level of one comparison; the guess counts as a few pairs."""
        known = self.levels[:, place] >= 0
        sums = np.bincount(self.levels[known, place], weights=weights[known], minlength=len(guess))
        guessed = sums.astype(np.float64) + PAIRS_OF_A_GUESS * guess
        return np.asarray(guessed / guessed.sum())


def refine(
    con: duckdb.DuckDBPyConnection,
    settings: dict[str, Any],
    keep_m: set[str],
    least: dict[str, float],
) -> dict[str, Any]:
    """Re-estimate the prior, u, and m of every comparison but those in `keep_m`, and weigh households."""
    comparisons = settings["comparisons"]
    patterns = _patterns(con, settings, [comparison["output_column_name"] for comparison in comparisons])
    if not len(patterns.pairs):
        return settings | {"probability_two_random_records_match": FIRST_PRIOR}
    levels = [_weighted_levels(comparison) for comparison in comparisons]
    first, kinds = (_first_kinds(patterns.names, levels, keep_m) for _ in range(2))
    for _ in range(ROUNDS):
        _improve(kinds, first, patterns, keep_m, least)
    for known, m_values, u_values in zip(levels, kinds.m, kinds.u, strict=True):
        for level, m_value, u_value in zip(known, m_values, u_values, strict=True):
            level["m_probability"], level["u_probability"] = float(m_value), float(u_value)
        _weigh_unseen_as_lower(known, least)
    weights = _household_weights(kinds, patterns, levels)
    return settings | {
        "probability_two_random_records_match": kinds.prior,
        "comparisons": [*comparisons, *([household_comparison(weights)] if weights else [])],
    }


def _weigh_unseen_as_lower(levels: list[dict[str, Any]], least: dict[str, float]) -> None:
    """What was sighted neither among matches nor among random pairs weighs as much as the next lower level."""
    for lower, level in pairwise(levels):
        if all(level[name] <= floor for name, floor in least.items()):
            level.update({name: lower[name] for name in least})


def _first_kinds(names: list[str], levels: list[list[dict[str, Any]]], keep_m: set[str]) -> Kinds:
    u = [_column(known, "u_probability") for known in levels]
    m = [
        _column(known, "m_probability") if name in keep_m else _first_shares(known, *FIRST_M)
        for name, known in zip(names, levels, strict=True)
    ]
    household = [
        _first_shares(known, *FIRST_HOUSEHOLD) if name in SHARED_COMPARISONS else mine
        for name, known, mine in zip(names, levels, u, strict=True)
    ]
    return Kinds(FIRST_PRIOR, FIRST_PRIOR, m, u, household)


def _improve(
    kinds: Kinds, first: Kinds, patterns: Patterns, keep_m: set[str], least: dict[str, float]
) -> None:
    matches, households, _ = _expected(kinds, patterns)
    kinds.prior = _probability(matches.sum(), patterns.possible)
    kinds.household_prior = _probability(households.sum(), patterns.possible)
    for place, name in enumerate(patterns.names):
        if name not in keep_m:
            kinds.m[place] = np.maximum(
                patterns.shares(place, matches, first.m[place]), least["m_probability"]
            )
        kinds.u[place] = np.maximum(
            (first.u[place] - kinds.prior * kinds.m[place]) / (1 - kinds.prior), least["u_probability"]
        )
        kinds.household[place] = kinds.u[place]
        if name in SHARED_COMPARISONS:
            shared = patterns.shares(place, households, first.household[place])
            kinds.household[place] = np.maximum(shared, kinds.u[place])


def _expected(kinds: Kinds, patterns: Patterns) -> tuple[Floats, Floats, Floats]:
    """How many pairs of each pattern are matches, households and strangers."""
    strangers_prior = 1 - kinds.prior - kinds.household_prior
    weights = np.stack(
        [
            patterns.log_probability(kinds.m) + np.log2(kinds.prior),
            patterns.log_probability(kinds.household) + np.log2(kinds.household_prior),
            patterns.log_probability(kinds.u) + np.log2(strangers_prior),
        ]
    )
    shares = np.exp2(weights - weights.max(axis=0))
    matches, households, strangers = shares / shares.sum(axis=0) * patterns.pairs
    return matches, households, strangers


def _household_weights(
    kinds: Kinds, patterns: Patterns, levels: list[list[dict[str, Any]]]
) -> dict[tuple[str, ...], float]:
    """What each cell weighs too much: log2 of the strangers among those in it who are not one person."""
    places = [place for place, name in enumerate(patterns.names) if name in SHARED_COMPARISONS]
    present = {patterns.names[place] for place in places}
    if len(present) < 2:
        return {}
    _, households, strangers = _expected(kinds, patterns)
    cell_of = [[NOTHING] * len(patterns.levels) for _ in SHARED_COMPARISONS]
    for place in places:
        name = patterns.names[place]
        grades = [grade_of(name, level["label_for_charts"]) for level in levels[place]]
        cell_of[SHARED_COMPARISONS.index(name)] = [
            grades[level] if level >= 0 else NOTHING for level in patterns.levels[:, place]
        ]
    counted: dict[tuple[str, ...], list[float]] = {}
    for cell, household, stranger in zip(zip(*cell_of, strict=True), households, strangers, strict=True):
        sums = counted.setdefault(cell, [0.0, 0.0])
        sums[0] += float(household)
        sums[1] += float(stranger)
    return {
        cell: round(float(-np.log2(1 + counted[cell][0] / max(counted[cell][1], 1e-9))), 4)
        for cell in cells(present)
        if cell in counted
    }


def _patterns(con: duckdb.DuckDBPyConnection, settings: dict[str, Any], names: list[str]) -> Patterns:
    """Level numbers fall with agreement; -1 is unknown."""
    descriptions = count(con, "descriptions")
    step = -(-descriptions // MOST_DESCRIPTIONS) or 1
    linker = make_linker(con, _sampled(settings, step) | {"retain_matching_columns": True})
    predicted = linker.inference.predict(warning_mode="never")
    columns = ", ".join(f"gamma_{name}" for name in names)
    rows = con.execute(
        f"select {columns}, count(*) from {predicted.physical_name} group by all order by all"
    ).fetchall()
    predicted.drop_table_from_database_and_remove_from_cache()
    table = np.array(rows, dtype=np.int64).reshape(-1, len(names) + 1)
    possible = max(descriptions * (descriptions - 1) / 2 / step, 1.0)
    return Patterns(names, table[:, :-1], table[:, -1].astype(np.float64), possible)


def _sampled(settings: dict[str, Any], step: int) -> dict[str, Any]:
    """The same blocking, but only every `step`th description is held against the others."""
    rules = settings["blocking_rules_to_generate_predictions"]
    sampled = [
        rule | {"blocking_rule": f"({rule['blocking_rule']}) and l.description_id % {step} = 0"}
        for rule in rules
    ]
    return settings | {"blocking_rules_to_generate_predictions": sampled if step > 1 else rules}


def _weighted_levels(comparison: dict[str, Any]) -> list[dict[str, Any]]:
    """Levels in the order of their number, 0 being the last: Splink counts up from the least agreement."""
    return [level for level in reversed(comparison["comparison_levels"]) if not level.get("is_null_level")]


def _column(levels: list[dict[str, Any]], name: str) -> Floats:
    return np.array([level[name] for level in levels], dtype=np.float64)


def _first_shares(levels: list[dict[str, Any]], best: float, last: float) -> Floats:
    """The level `equal` or else the best gets the first share, the last level the second; of the rest, each level twice
    what the next lower gets."""
    labels = [level["label_for_charts"] for level in levels]
    top = labels.index("equal") if "equal" in labels else len(labels) - 1
    shares = np.exp2(np.arange(len(levels)))
    shares[[0, top]] = 0
    if shares.any():
        shares *= (1 - best - last) / shares.sum()
    shares[top], shares[0] = best, last
    return np.asarray(shares / shares.sum())


def _probability(pairs: float, possible: float) -> float:
    return min(max(float(pairs) / possible, 1.0 / possible), MOST_PROBABLE)
