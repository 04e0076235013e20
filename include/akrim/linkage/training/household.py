"""The comparison `household`: corrects for what members of one household share, such as family name, address and phone.

Training knows more kinds of pairs than Splink, which knows one person and strangers. So one household becomes one
more comparison, whose weight is never above zero: it subtracts what family name, address and phone together weigh too
much. Its levels are the cells of a small grid, so that the sum is right in each cell and an explanation's weights
still add up.

Whether homes and phones are mostly those of relatives decides which guards a model keeps that was trained without labels.
"""

from typing import Any, NamedTuple

import numpy as np

from akrim.linkage.model.comparisons import COMPARISONS, UNKNOWN
from akrim.linkage.training.compared import Comparison
from akrim.linkage.training.patterns import Floats, Patterns

HOUSEHOLD = "household"
# The comparisons in which members of a household agree more often than strangers.
SHARED_COMPARISONS = ("family_name", "home", "phone")


class Grade(NamedTuple):
    """Levels of one comparison that are treated alike; the first grade that fits applies."""

    name: str
    levels: tuple[str, ...]


# Only levels without edit distance, since every pair is tested against every cell.
GRADES: dict[str, tuple[Grade, ...]] = {
    "family_name": (Grade("name", ("equal",)), Grade("like_name", ("sounds_alike", "part_of_double_name"))),
    "home": (
        Grade("address", ("same_address", "same_crowded_address")),
        Grade("place", ("same_street", "same_address_elsewhere", "same_postcode")),
    ),
    "phone": (Grade("phone", ("equal", "equal_but_shared")),),
}
NOTHING = ""
# The last cells below this weight, in bits, are left out, except the first: Splink needs a level besides ELSE.
MIN_CELL_WEIGHT = 0.05


def _cells(present: set[str]) -> list[tuple[str, ...]]:
    """The cells of the grid over the present comparisons, best agreement first, without the cell of no agreement."""
    found: list[tuple[str, ...]] = [()]
    for comparison in SHARED_COMPARISONS:
        names = [grade.name for grade in GRADES[comparison]] if comparison in present else []
        found = [(*cell, name) for cell in found for name in (*names, NOTHING)]
    return [cell for cell in found if any(cell)]


def _grade_of(comparison: str, label: str) -> str:
    """The grade that a level belongs to."""
    return next((grade.name for grade in GRADES[comparison] if label in grade.levels), NOTHING)


def household_comparison(weights: dict[tuple[str, ...], float]) -> dict[str, Any]:
    """The comparison in Splink's terms; a weight in bits per cell, none above zero."""
    while len(weights) > 1 and next(reversed(weights.values())) > -MIN_CELL_WEIGHT:
        weights = dict(list(weights.items())[:-1])
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": " and ".join(
                f"coalesce({_condition(comparison, name)}, false)"
                for comparison, name in zip(SHARED_COMPARISONS, cell, strict=True)
                if name
            ),
            "label_for_charts": f"shared_{'_and_'.join(filter(None, cell))}",
            "m_probability": 0.5 * 2.0**weight,
            "u_probability": 0.5,
        }
        for cell, weight in weights.items()
    ]
    nothing = {
        "sql_condition": "ELSE",
        "label_for_charts": UNKNOWN,
        "m_probability": 0.5,
        "u_probability": 0.5,
    }
    return {"output_column_name": HOUSEHOLD, "comparison_levels": [*levels, nothing]}


def _condition(comparison: str, grade: str) -> str:
    labels = next(each.levels for each in GRADES[comparison] if each.name == grade)
    conditions = [f"({level.condition})" for level in COMPARISONS[comparison] if level.label in labels]
    return f"({' or '.join(conditions)})"


def household_weights(
    matches: Floats, households: Floats, patterns: Patterns, comparisons: list[Comparison]
) -> dict[tuple[str, ...], float]:
    """What each cell weighs too much: log2 of those of other households among those in it who are not one person.

    Args:
        matches: the expected pairs of one person in each pattern.
        households: those of one household.
    """
    present = {comparison.name for comparison in comparisons if comparison.name in SHARED_COMPARISONS}
    if len(present) < 2 or not len(patterns.pairs):
        return {}
    strangers = patterns.pairs - matches - households
    cell_of = [[NOTHING] * len(patterns.levels) for _ in SHARED_COMPARISONS]
    for place, comparison in enumerate(comparisons):
        if comparison.name not in present:
            continue
        grades = [_grade_of(comparison.name, level["label_for_charts"]) for level in comparison.levels]
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
        for cell in _cells(present)
        if cell in counted
    }


# Pairs that look like relatives who share a home or phone, unless they are one person with two errors.
AS_RELATIVES = {"given_name": ("different",), "birth_date": ("different", "same_year", "within_a_month")}
EQUAL_AT = {"home": ("same_address", "same_crowded_address"), "phone": ("equal", "equal_but_shared")}


def shared_by_relatives(matches: Floats, patterns: Patterns, comparisons: list[Comparison]) -> frozenset[str]:
    """The comparisons (`home`, `phone`) of which equality under two given names and other or unknown birth dates is mostly that
    of two persons here."""
    return frozenset(name for name in EQUAL_AT if _relatives_share(name, matches, patterns, comparisons))


def _relatives_share(name: str, matches: Floats, patterns: Patterns, comparisons: list[Comparison]) -> bool:
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
    return bool(2 * matches[chosen].sum() <= patterns.pairs[chosen].sum())
