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

from akrim.linkage.model.comparisons import COMPARISONS
from akrim.linkage.model.file import MAX_PRIOR
from akrim.linkage.training.household import (
    NOTHING,
    SHARED_COMPARISONS,
    cells,
    grade_of,
    household_comparison,
)
from akrim.linkage.training.patterns import (
    Floats,
    Patterns,
    Tables,
    found_patterns,
    random_patterns,
    weighted_levels,
)

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
class Comparison:
    """One comparison: its levels from the last to the best, and their numbers grouped by circumstance."""

    name: str
    levels: list[dict[str, Any]]
    circumstances: list[list[int]]

    def shares(self, counts: Floats, guess: Floats | float) -> Floats:
        """The share of each level among those of its circumstance; the guess counts as observations."""
        return _within(counts + guess, self.circumstances)


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
    comparisons = [_read_comparison(raw) for raw in settings["comparisons"]]
    random = random_patterns(con, settings, pairs, seed)
    found = found_patterns(con, settings)
    first, kinds = (_first_kinds(comparisons, random, keep_m) for _ in range(2))
    for _ in range(ROUNDS if len(found.pairs) else 0):
        _improve(kinds, first, comparisons, found, random, keep_m)
    for place, comparison in enumerate(comparisons):
        _write_numbers(comparison, kinds, place, random)
    weights = _household_weights(kinds, found, comparisons)
    return Refined(
        settings
        | {
            "probability_two_random_records_match": kinds.prior,
            "comparisons": [
                *settings["comparisons"],
                *([household_comparison(weights)] if weights else []),
            ],
        },
        frozenset(name for name in EQUAL_AT if _relatives_share(name, kinds, found, comparisons)),
    )


def _read_comparison(comparison: dict[str, Any]) -> Comparison:
    name, levels = comparison["output_column_name"], weighted_levels(comparison)
    circumstance_of = {level.label: level.circumstance for level in COMPARISONS[name]}
    grouped: dict[str | None, list[int]] = {}
    for number, level in enumerate(levels):
        grouped.setdefault(circumstance_of[level["label_for_charts"]], []).append(number)
    return Comparison(name, levels, list(grouped.values()))


def _within(counts: Floats, circumstances: list[list[int]]) -> Floats:
    shares = np.zeros(len(counts))
    for levels in circumstances:
        shares[levels] = counts[levels] / max(counts[levels].sum(), 1e-300)
    return shares


def _first_kinds(comparisons: list[Comparison], random: Patterns, keep_m: set[str]) -> Kinds:
    u = [
        comparison.shares(random.counts(place, random.pairs, len(comparison.levels)), 0.5)
        for place, comparison in enumerate(comparisons)
    ]
    m = [
        _labelled_shares(comparison) if comparison.name in keep_m else _first_shares(comparison, *FIRST_M)
        for comparison in comparisons
    ]
    look_alikes = {
        kind: [
            _first_shares(comparison, *FIRST_LOOK_ALIKE) if comparison.name in shared else mine
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


def _household_weights(
    kinds: Kinds, patterns: Patterns, comparisons: list[Comparison]
) -> dict[tuple[str, ...], float]:
    """What each cell weighs too much: log2 of those of other households among those in it who are not one person."""
    present = {comparison.name for comparison in comparisons if comparison.name in SHARED_COMPARISONS}
    if len(present) < 2 or not len(patterns.pairs):
        return {}
    matches, look_alikes, _ = _expected(kinds, patterns)
    households = look_alikes["household"]
    strangers = patterns.pairs - matches - households
    cell_of = [[NOTHING] * len(patterns.levels) for _ in SHARED_COMPARISONS]
    for place, comparison in enumerate(comparisons):
        if comparison.name not in present:
            continue
        grades = [grade_of(comparison.name, level["label_for_charts"]) for level in comparison.levels]
        cell_of[SHARED_COMPARISONS.index(comparison.name)] = [
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


# Pairs that look like relatives who share a home or phone, unless they are one person with two errors.
AS_RELATIVES = {
    "given_name": ("different",),
    "birth_date": ("different", "same_year", "within_a_month"),
}
EQUAL_AT = {
    "home": ("same_address", "same_crowded_address"),
    "phone": ("equal", "equal_but_shared"),
}


def _relatives_share(name: str, kinds: Kinds, patterns: Patterns, comparisons: list[Comparison]) -> bool:
    wanted = AS_RELATIVES | {name: EQUAL_AT[name]}
    if name not in {comparison.name for comparison in comparisons}:
        return False
    chosen = np.ones(len(patterns.levels), dtype=bool)
    for place, comparison in enumerate(comparisons):
        if comparison.name in wanted:
            numbers = [
                number
                for number, level in enumerate(comparison.levels)
                if level["label_for_charts"] in wanted[comparison.name]
            ]
            unknown = [-1] if comparison.name == "birth_date" else []
            chosen &= np.isin(patterns.levels[:, place], numbers + unknown)
    matches = _expected(kinds, patterns).matches[chosen].sum()
    return bool(2 * matches <= patterns.pairs[chosen].sum())


def _first_shares(comparison: Comparison, best: float, last: float) -> Floats:
    """Starting shares: `equal`, or else the best level, gets the first, the last level the second; of the others, each
    gets twice the next lower one's."""
    shares = np.zeros(len(comparison.levels))
    for levels in comparison.circumstances:
        labels = [comparison.levels[number]["label_for_charts"] for number in levels]
        top = labels.index("equal") if "equal" in labels else len(labels) - 1
        part = np.exp2(np.arange(len(levels)))
        part[[0, top]] = 0
        if part.any():
            part *= (1 - best - last) / part.sum()
        part[top], part[0] = best, last
        shares[levels] = part / part.sum()
    return shares


def _probability(pairs: float, possible: float) -> float:
    return min(max(float(pairs) / possible, 1.0 / possible), MAX_PRIOR)
