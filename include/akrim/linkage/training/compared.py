"""One comparison as training sees it: its levels by number, grouped by the circumstance that their shares are conditional on."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from akrim.linkage.model.comparisons import COMPARISONS
from akrim.linkage.training.patterns import Floats, weighted_levels


@dataclass(frozen=True)
class Comparison:
    """One comparison: its levels from the last to the best, and their numbers grouped by circumstance."""

    name: str
    levels: list[dict[str, Any]]
    circumstances: list[list[int]]

    def shares(self, counts: Floats, guess: Floats | float) -> Floats:
        """The share of each level among those of its circumstance; the guess counts as observations."""
        return _within(counts + guess, self.circumstances)


def read_comparison(comparison: dict[str, Any]) -> Comparison:
    name, levels = comparison["output_column_name"], weighted_levels(comparison)
    circumstance_of = {level.label: level.circumstance for level in COMPARISONS[name]}
    grouped: dict[str | None, list[int]] = {}
    for number, level in enumerate(levels):
        grouped.setdefault(circumstance_of[level["label_for_charts"]], []).append(number)
    return Comparison(name, levels, list(grouped.values()))


def first_shares(comparison: Comparison, best: float, last: float) -> Floats:
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


def _within(counts: Floats, circumstances: list[list[int]]) -> Floats:
    shares = np.zeros(len(counts))
    for levels in circumstances:
        shares[levels] = counts[levels] / max(counts[levels].sum(), 1e-300)
    return shares
