"""Estimates with 95 % intervals: shares, ratios over sampled clusters, differences, and the drift of a distribution."""

from collections.abc import Mapping, Sequence
from math import log, sqrt
from typing import Any, NamedTuple

import numpy as np

Z = 1.959964
# The share of a bin that one side lacks: the usual floor, without which one empty bin makes the index infinite.
MIN_SHARE = 0.0001


class Estimate(NamedTuple):
    """A share, its interval, and how many independent observations it rests on."""

    value: float
    low: float
    high: float
    support: int


def share(successes: float, trials: float, support: int | None = None) -> Estimate:
    """A share with Wilson's score interval (Wilson 1927), which is valid near 0 and 1, unlike the usual one."""
    p = successes / trials
    middle = (p + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    reach = Z / (1 + Z**2 / trials) * sqrt(p * (1 - p) / trials + Z**2 / (4 * trials**2))
    low, high = max(min(middle - reach, p), 0.0), min(max(middle + reach, p), 1.0)
    return Estimate(p, low, high, int(trials) if support is None else support)


def weighted_share(strata: Sequence[tuple[float, float, float]]) -> Estimate | None:
    """A share over strata of (weight, successes, trials): each stratum's own share, weighted.

    The interval is Wilson's at the effective sample size. The spread is taken with half an observation of each kind
    added to each stratum: one that shows no error has a small spread rather than none.
    """
    total = sum(weight for weight, _, _ in strata)
    if total == 0:
        return None
    value = smooth = variance = 0.0
    for weight, successes, trials in strata:
        p = (successes + 0.5) / (trials + 1)
        value += weight / total * successes / trials
        smooth += weight / total * p
        variance += (weight / total) ** 2 * p * (1 - p) / trials
    effective = max(smooth * (1 - smooth) / variance, 1.0)
    return share(value * effective, effective, support=int(sum(trials for _, _, trials in strata)))


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Estimate | None:
    """A ratio of two totals over sampled clusters, each value already times its cluster's sampling weight.

    The estimator of precision and recall of Binette et al. (2023), Estimating the performance of entity resolution
    algorithms: lessons learned through PatentsView.org, The American Statistician 77(4), 370-380, with its correction of
    the bias of a ratio. The interval is Wilson's at the effective sample size (Franco et al. 2019, Journal of Survey
    Statistics and Methodology 7(3), 334-364); without any spread, at the number of clusters.

    Returns None if there is nothing to divide by.
    """
    n, d = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    count = len(d)
    if count == 0 or d.sum() == 0:
        return None
    plain, correction, variance = ratio_moments(n, d)
    value = min(max(plain * (1 + correction), 0.0), 1.0)
    effective = value * (1 - value) / variance if variance > 0 and 0 < value < 1 else float(count)
    return share(value * effective, effective, support=count)


def ratio_moments(n: "np.ndarray[Any, Any]", d: "np.ndarray[Any, Any]") -> tuple[float, float, float]:
    """The plain ratio, the relative correction of its bias, and its variance, by linearisation."""
    count = len(d)
    plain = float(n.sum() / d.sum())
    if count == 1:
        return plain, 0.0, 0.0
    means = n.mean(), d.mean()
    spread = np.cov(n, d)
    both = spread[0, 1] / (means[0] * means[1]) if means[0] else 0.0
    correction = float(both - spread[1, 1] / means[1] ** 2) / count
    variance = float(((n - plain * d) ** 2).sum() / (count - 1) / count / means[1] ** 2)
    return plain, correction, variance


def difference(one: Estimate, other: Estimate) -> Estimate:
    """How much higher one share is than another, with Newcombe's interval (1998, Statistics in Medicine 17, 873-890)."""
    gap = one.value - other.value
    low = gap - sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    high = gap + sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Estimate(gap, max(low, -1.0), min(high, 1.0), min(one.support, other.support))


def stability_index(expected: Mapping[str, float], actual: Mapping[str, float]) -> float:
    """The population stability index of two distributions (shares by bin): 0 is no drift, above 0.25 much."""
    total = 0.0
    for name in sorted(expected.keys() | actual.keys()):
        e, a = (max(shares.get(name, 0.0), MIN_SHARE) for shares in (expected, actual))
        total += (a - e) * log(a / e)
    return total


def kappa(readings: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's κ of two readers (Cohen 1960): agreement beyond what chance would give; None where chance explains all."""
    if not readings:
        return None
    count = len(readings)
    agreed = sum(one == other for one, other in readings) / count
    words = {word for pair in readings for word in pair}
    by_chance = (
        sum(
            sum(one == word for one, _ in readings) * sum(other == word for _, other in readings)
            for word in words
        )
        / count**2
    )
    return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else None
