"""Expectation maximisation over all the pairs that blocking finds, where Splink's own runs over one rule at a time.

In goes an untrained model, or one with m from labels, out comes the same model with m, u and the prior estimated and the
household comparison added. One rule at a time teaches m from pairs that happen to agree on that rule, which are the less
damaged ones. Two kinds of pairs, one person and strangers, would make households persons: they are many, and they agree.
So a third kind is estimated with them, which shares family name, address and phone as it will, and given name and birth
date as strangers do. u is what random pairs show that are no match: where most records have a double, random pairs hold
so many matches that rare agreement would pass for chance.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np

from akrim.linkage.model.comparisons import COMPARISONS
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
MOST_PROBABLE = 0.1
# What a match or a household is first taken to agree in: the shares of the best level and of the last, for EM to improve.
FIRST_M = (0.9, 0.01)
FIRST_HOUSEHOLD = (0.6, 0.2)
PAIRS_OF_A_GUESS = 10
# A level that matches never show gets half a sighting among so many.
FEWEST_MATCHES = 500
# A circumstance that fewer random pairs are in teaches nothing of strangers, and its levels weigh nothing.
FEWEST_STRANGERS = 20


@dataclass
class Kinds:
    """The three kinds of pairs: how frequent matches and households are, and each one's shares of levels."""

    prior: float
    household_prior: float
    m: Tables
    u: Tables
    household: Tables


@dataclass(frozen=True)
class Compared:
    """One comparison: its weighted levels from the last to the best, and the circumstance that each is counted in."""

    name: str
    levels: list[dict[str, Any]]
    circumstances: list[list[int]]

    def shares(self, counts: Floats, guess: Floats | float) -> Floats:
        """The share of each level among those of its circumstance; the guess counts as sightings."""
        return _within(counts + guess, self.circumstances)


@dataclass(frozen=True)
class Refined:
    """A model with numbers, and whether what lives together under two given names is mostly two persons here."""

    settings: dict[str, Any]
    relatives_share_homes: bool


def refine(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], keep_m: set[str], pairs: float, seed: int
) -> Refined:
    """Estimate the prior, u, and m of every comparison but those in `keep_m`, and weigh households.

    Args:
        con: holds `descriptions`.
        settings: a model in Splink's terms, with m in the comparisons of `keep_m`.
        keep_m: comparisons whose m labelled pairs have taught.
        pairs: how many random pairs to look at.
        seed: which ones.
    """
    compared = [_compared(comparison) for comparison in settings["comparisons"]]
    random = random_patterns(con, settings, pairs, seed)
    found = found_patterns(con, settings)
    first, kinds = (_first_kinds(compared, random, keep_m) for _ in range(2))
    for _ in range(ROUNDS if len(found.pairs) else 0):
        _improve(kinds, first, compared, found, random, keep_m)
    for place, held in enumerate(compared):
        _write_numbers(held, kinds, place, random)
    weights = _household_weights(kinds, found, compared)
    return Refined(
        settings
        | {
            "probability_two_random_records_match": kinds.prior,
            "comparisons": [
                *settings["comparisons"],
                *([household_comparison(weights)] if weights else []),
            ],
        },
        _relatives_share_homes(kinds, found, compared),
    )


def _compared(comparison: dict[str, Any]) -> Compared:
    name, levels = comparison["output_column_name"], weighted_levels(comparison)
    circumstance_of = {level.label: level.circumstance for level in COMPARISONS[name]}
    grouped: dict[str | None, list[int]] = {}
    for number, level in enumerate(levels):
        grouped.setdefault(circumstance_of[level["label_for_charts"]], []).append(number)
    return Compared(name, levels, list(grouped.values()))


def _within(counts: Floats, circumstances: list[list[int]]) -> Floats:
    shares = np.zeros(len(counts))
    for levels in circumstances:
        shares[levels] = counts[levels] / max(counts[levels].sum(), 1e-300)
    return shares


def _first_kinds(compared: list[Compared], random: Patterns, keep_m: set[str]) -> Kinds:
    u = [
        held.shares(random.counts(place, random.pairs, len(held.levels)), 0.5)
        for place, held in enumerate(compared)
    ]
    m = [
        _labelled_shares(held) if held.name in keep_m else _first_shares(held, *FIRST_M) for held in compared
    ]
    household = [
        _first_shares(held, *FIRST_HOUSEHOLD) if held.name in SHARED_COMPARISONS else mine
        for held, mine in zip(compared, u, strict=True)
    ]
    return Kinds(FIRST_PRIOR, FIRST_PRIOR, m, u, household)


def _labelled_shares(held: Compared) -> Floats:
    floor = 0.5 / FEWEST_MATCHES
    known = [level.get("m_probability") for level in held.levels]
    m = np.array([max(value, floor) if isinstance(value, float) else floor for value in known])
    return held.shares(m, 0.0)


def _improve(
    kinds: Kinds,
    first: Kinds,
    compared: list[Compared],
    found: Patterns,
    random: Patterns,
    keep_m: set[str],
) -> None:
    matches, households, _ = _expected(kinds, found)
    strangers = random.pairs - _expected(kinds, random)[0]
    kinds.prior = _probability(matches.sum(), found.possible)
    kinds.household_prior = _probability(households.sum(), found.possible)
    for place, held in enumerate(compared):
        size = len(held.levels)
        if held.name not in keep_m:
            guess = PAIRS_OF_A_GUESS * first.m[place]
            shares = held.shares(found.counts(place, matches, size), guess)
            kinds.m[place] = np.maximum(shares, 0.5 / FEWEST_MATCHES)
        kinds.u[place] = _stranger_shares(held, random.counts(place, strangers, size), kinds.m[place])
        kinds.household[place] = kinds.u[place]
        if held.name in SHARED_COMPARISONS:
            guess = PAIRS_OF_A_GUESS * first.household[place]
            shared = held.shares(found.counts(place, households, size), guess)
            kinds.household[place] = np.maximum(shared, kinds.u[place])


def _stranger_shares(held: Compared, counts: Floats, m: Floats) -> Floats:
    """u, with half a sighting for a level that no stranger shows."""
    u = held.shares(np.maximum(counts, 0.5), 0.0)
    for levels in held.circumstances:
        if len(held.circumstances) > 1 and counts[levels].sum() < FEWEST_STRANGERS:
            u[levels] = m[levels]
    return u


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
    if not weights.size:
        return tuple(weights)
    shares = np.exp2(weights - weights.max(axis=0))
    matches, households, strangers = shares / shares.sum(axis=0) * patterns.pairs
    return matches, households, strangers


def _write_numbers(held: Compared, kinds: Kinds, place: int, random: Patterns) -> None:
    """m and u into the model; what neither matches nor strangers show weighs as much as the next lower level."""
    strangers = random.pairs - _expected(kinds, random)[0]
    unseen = random.counts(place, strangers, len(held.levels)) < 0.5
    m, u = kinds.m[place], kinds.u[place]
    for levels in held.circumstances:
        for lower, number in pairwise(levels):
            if unseen[number] and m[number] <= 1.01 * 0.5 / FEWEST_MATCHES:
                m[number], u[number] = m[lower], u[lower]
    for level, m_value, u_value in zip(held.levels, m, u, strict=True):
        level["m_probability"], level["u_probability"] = float(m_value), float(u_value)


def _household_weights(
    kinds: Kinds, patterns: Patterns, compared: list[Compared]
) -> dict[tuple[str, ...], float]:
    """What each cell weighs too much: log2 of the strangers among those in it who are not one person."""
    present = {held.name for held in compared if held.name in SHARED_COMPARISONS}
    if len(present) < 2 or not len(patterns.pairs):
        return {}
    _, households, strangers = _expected(kinds, patterns)
    cell_of = [[NOTHING] * len(patterns.levels) for _ in SHARED_COMPARISONS]
    for place, held in enumerate(compared):
        if held.name not in present:
            continue
        grades = [grade_of(held.name, level["label_for_charts"]) for level in held.levels]
        cell_of[SHARED_COMPARISONS.index(held.name)] = [
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


# Pairs that only a common household can explain, unless they are one person with two errors.
AS_RELATIVES = {
    "given_name": ("different",),
    "birth_date": ("different", "same_year", "within_a_month"),
    "home": ("same_address", "same_crowded_address"),
}


def _relatives_share_homes(kinds: Kinds, patterns: Patterns, compared: list[Compared]) -> bool:
    chosen = np.ones(len(patterns.levels), dtype=bool)
    for place, held in enumerate(compared):
        if held.name in AS_RELATIVES:
            numbers = [
                number
                for number, level in enumerate(held.levels)
                if level["label_for_charts"] in AS_RELATIVES[held.name]
            ]
            chosen &= np.isin(patterns.levels[:, place], numbers)
    matches, households, strangers = _expected(kinds, patterns)
    return bool(matches[chosen].sum() <= (households + strangers)[chosen].sum())


def _first_shares(held: Compared, best: float, last: float) -> Floats:
    """The level `equal` or else the best gets the first share, the last level the second; of the rest, each level twice
    what the next lower gets."""
    shares = np.zeros(len(held.levels))
    for levels in held.circumstances:
        labels = [held.levels[number]["label_for_charts"] for number in levels]
        top = labels.index("equal") if "equal" in labels else len(labels) - 1
        part = np.exp2(np.arange(len(levels)))
        part[[0, top]] = 0
        if part.any():
            part *= (1 - best - last) / part.sum()
        part[top], part[0] = best, last
        shares[levels] = part / part.sum()
    return shares


def _probability(pairs: float, possible: float) -> float:
    return min(max(float(pairs) / possible, 1.0 / possible), MOST_PROBABLE)
