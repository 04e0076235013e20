"""Expectation maximisation over all pairs that blocking finds, where Splink's own uses one rule at a time.

Estimated one rule at a time, m comes from pairs that agree on that rule, which have fewer errors. With two kinds of
pairs, matches and strangers, look-alikes would be taken for persons: they are many, and they agree. So members of a
household and namesakes are kinds of their own, with their own shares for what they have in common and those of strangers
for the rest. u comes from random pairs less the expected matches among them: where most records have a duplicate, random
pairs contain enough matches to make rare agreement look like chance.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import duckdb
import numpy as np

from akrim.linkage.model.file import MAX_PRIOR
from akrim.linkage.training.compared import Comparison, first_shares, read_comparison
from akrim.linkage.training.household import (
    SHARED_COMPARISONS,
    household_comparison,
    household_weights,
    shared_by_relatives,
)
from akrim.linkage.training.patterns import Floats, Patterns, Tables, found_patterns, random_patterns

ROUNDS = 100
FIRST_PRIOR = 1e-4
# Two persons who look alike, by what they have in common: of one household, and of one name. Where a person has many records,
# so have two namesakes many pairs, far more than chance makes of a given name here and a family name there.
LOOK_ALIKES = {"household": SHARED_COMPARISONS, "namesakes": ("given_name", "family_name")}
# Starting values of matches and look-alikes: the shares of the best level and of the last.
FIRST_M = (0.9, 0.01)
FIRST_LOOK_ALIKE = (0.6, 0.2)
PRIOR_PAIRS = 10
# A level not seen in matches gets half an observation among this many.
MIN_MATCHES = 500
# With fewer random pairs in a circumstance, its levels get no weight.
MIN_STRANGERS = 20


@dataclass
class Kinds:
    """The kinds of pairs: how frequent matches and each kind of look-alikes are, and each one's shares of levels."""

    prior: float
    m: Tables
    u: Tables
    look_alike_priors: dict[str, float]
    look_alikes: dict[str, Tables]


class Expected(NamedTuple):
    """The expected number of pairs of each kind in each pattern."""

    matches: Floats
    look_alikes: dict[str, Floats]
    strangers: Floats


@dataclass(frozen=True)
class Refined:
    """Estimated settings, and the comparisons (`home`, `phone`) of which equality under two given names and other or
    unknown birth dates is mostly that of two persons here."""

    settings: dict[str, Any]
    shared_by_relatives: frozenset[str]


def refine(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], keep_m: set[str], pairs: float, seed: int
) -> Refined:
    """Estimate the prior, u, and m of every comparison but those in `keep_m`, and weigh households.

    Args:
        con: holds `descriptions`.
        settings: a model in Splink's terms, with m in the comparisons of `keep_m`.
        keep_m: comparisons whose m comes from labelled pairs.
        pairs: how many random pairs to draw.
        seed: of the draw.
    """
    comparisons = [read_comparison(raw) for raw in settings["comparisons"]]
    random = random_patterns(con, settings, pairs, seed)
    found = found_patterns(con, settings)
    first, kinds = (_first_kinds(comparisons, random, keep_m) for _ in range(2))
    for _ in range(ROUNDS if len(found.pairs) else 0):
        _improve(kinds, first, comparisons, found, random, keep_m)
    for place, comparison in enumerate(comparisons):
        _write_numbers(comparison, kinds, place, random)
    matches, look_alikes, _ = _expected(kinds, found)
    weights = household_weights(matches, look_alikes["household"], found, comparisons)
    return Refined(
        settings
        | {
            "probability_two_random_records_match": kinds.prior,
            "comparisons": [*settings["comparisons"], *([household_comparison(weights)] if weights else [])],
        },
        shared_by_relatives(matches, found, comparisons),
    )


def _first_kinds(comparisons: list[Comparison], random: Patterns, keep_m: set[str]) -> Kinds:
    u = [
        comparison.shares(random.counts(place, random.pairs, len(comparison.levels)), 0.5)
        for place, comparison in enumerate(comparisons)
    ]
    m = [
        _labelled_shares(comparison) if comparison.name in keep_m else first_shares(comparison, *FIRST_M)
        for comparison in comparisons
    ]
    look_alikes = {
        kind: [
            first_shares(comparison, *FIRST_LOOK_ALIKE) if comparison.name in shared else mine
            for comparison, mine in zip(comparisons, u, strict=True)
        ]
        for kind, shared in LOOK_ALIKES.items()
    }
    return Kinds(FIRST_PRIOR, m, u, dict.fromkeys(LOOK_ALIKES, FIRST_PRIOR), look_alikes)


def _labelled_shares(comparison: Comparison) -> Floats:
    floor = 0.5 / MIN_MATCHES
    known = [level.get("m_probability") for level in comparison.levels]
    m = np.array([max(value, floor) if isinstance(value, float) else floor for value in known])
    return comparison.shares(m, 0.0)


def _improve(
    kinds: Kinds,
    first: Kinds,
    comparisons: list[Comparison],
    found: Patterns,
    random: Patterns,
    keep_m: set[str],
) -> None:
    matches, look_alikes, _ = _expected(kinds, found)
    others = random.pairs - _expected(kinds, random).matches
    kinds.prior = _probability(matches.sum(), found.possible)
    for kind, pairs in look_alikes.items():
        kinds.look_alike_priors[kind] = _probability(pairs.sum(), found.possible)
    for place, comparison in enumerate(comparisons):
        size = len(comparison.levels)
        if comparison.name not in keep_m:
            guess = PRIOR_PAIRS * first.m[place]
            shares = comparison.shares(found.counts(place, matches, size), guess)
            kinds.m[place] = np.maximum(shares, 0.5 / MIN_MATCHES)
        kinds.u[place] = _stranger_shares(comparison, random.counts(place, others, size), kinds.m[place])
        for kind, pairs in look_alikes.items():
            kinds.look_alikes[kind][place] = kinds.u[place]
            if comparison.name in LOOK_ALIKES[kind]:
                guess = PRIOR_PAIRS * first.look_alikes[kind][place]
                shared = comparison.shares(found.counts(place, pairs, size), guess)
                kinds.look_alikes[kind][place] = np.maximum(shared, kinds.u[place])


def _stranger_shares(comparison: Comparison, counts: Floats, m: Floats) -> Floats:
    """u, with half an observation for a level not seen in strangers."""
    u = comparison.shares(np.maximum(counts, 0.5), 0.0)
    for levels in comparison.circumstances:
        if len(comparison.circumstances) > 1 and counts[levels].sum() < MIN_STRANGERS:
            u[levels] = m[levels]
    return u


def _expected(kinds: Kinds, patterns: Patterns) -> Expected:
    tables = [(kinds.prior, kinds.m)]
    tables += [(kinds.look_alike_priors[kind], shares) for kind, shares in kinds.look_alikes.items()]
    tables.append((1 - sum(prior for prior, _ in tables), kinds.u))
    weights = np.stack([patterns.log_probability(shares) + np.log2(prior) for prior, shares in tables])
    shares = np.exp2(weights - weights.max(axis=0))
    matches, *look_alikes, strangers = shares / shares.sum(axis=0) * patterns.pairs
    return Expected(matches, dict(zip(kinds.look_alikes, look_alikes, strict=True)), strangers)


def _write_numbers(comparison: Comparison, kinds: Kinds, place: int, random: Patterns) -> None:
    """Write m and u into the settings; a level seen in neither matches nor strangers weighs as the next lower one."""
    others = random.pairs - _expected(kinds, random).matches
    unseen = random.counts(place, others, len(comparison.levels)) < 0.5
    m, u = kinds.m[place], kinds.u[place]
    for levels in comparison.circumstances:
        for lower, number in pairwise(levels):
            if unseen[number] and m[number] <= 1.01 * 0.5 / MIN_MATCHES:
                m[number], u[number] = m[lower], u[lower]
    for level, m_value, u_value in zip(comparison.levels, m, u, strict=True):
        level["m_probability"], level["u_probability"] = float(m_value), float(u_value)


def _probability(pairs: float, possible: float) -> float:
    return min(max(float(pairs) / possible, 1.0 / possible), MAX_PRIOR)
