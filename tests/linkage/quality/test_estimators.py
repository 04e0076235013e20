"""Estimates and intervals against published figures and simulation."""

import random
from math import comb, sqrt

import numpy as np
import pytest
from akrim.linkage.quality.estimators import (
    difference,
    kappa,
    ratio,
    ratio_moments,
    share,
    stability_index,
    weighted_share,
)


def test_a_ratio_and_its_spread_are_the_published_ones() -> None:
    """The worked example of er-evaluation 2.3: three sampled clusters with equal weights."""
    right, found = np.array([1.0, 0.0, 0.0]), np.array([1.5, 0.5, 1.0])
    plain, correction, variance = ratio_moments(right, found)
    assert plain * (1 + correction) == pytest.approx(0.38889, abs=1e-5)
    assert sqrt(variance) == pytest.approx(0.25459, abs=1e-5)


def test_wilsons_interval_is_the_tabulated_one() -> None:
    estimate = share(10, 20)
    assert (estimate.low, estimate.high) == (pytest.approx(0.2993, abs=1e-4), pytest.approx(0.7007, abs=1e-4))
    assert share(20, 20).high == 1.0
    assert share(20, 20).low == pytest.approx(0.8389, abs=1e-4)
    assert share(0, 20).low == 0.0
    assert share(0, 20).high == pytest.approx(0.1611, abs=1e-4)


def test_strata_of_equal_share_are_as_good_as_one() -> None:
    estimate = weighted_share([(1, 90, 100), (1, 90, 100)])
    assert estimate is not None
    assert estimate.value == pytest.approx(0.9)
    assert estimate.low == pytest.approx(share(180, 200).low, abs=0.005)


def test_each_stratum_counts_by_its_weight() -> None:
    estimate = weighted_share([(1, 5, 10), (3, 45, 50)])
    assert estimate is not None
    assert estimate.value == pytest.approx(0.8)
    assert estimate.support == 60


def test_a_stratum_without_error_does_not_make_certain() -> None:
    estimate = weighted_share([(1, 10, 10), (3, 20, 20)])
    assert estimate is not None
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert 0.75 < estimate.low < 0.95


def test_intervals_cover_the_true_ratio_of_clustered_errors() -> None:
    """Clusters of one to eight records, of which some are torn in two: 95 % intervals of pairwise recall."""
    chance = random.Random(7)
    world = []
    for _ in range(3000):
        size = chance.randint(1, 8)
        torn = chance.randint(1, size - 1) if size > 1 and chance.random() < 0.15 else 0
        world.append((size, comb(size - torn, 2) + comb(torn, 2), comb(size, 2)))
    truth = sum(right for _, right, _ in world) / sum(whole for _, _, whole in world)
    covered = 0
    for _ in range(300):
        drawn = chance.choices(world, weights=[size for size, _, _ in world], k=120)
        estimate = ratio(
            [right / size for size, right, _ in drawn], [whole / size for size, _, whole in drawn]
        )
        assert estimate is not None
        covered += estimate.low <= truth <= estimate.high
    assert covered / 300 >= 0.92


def test_nothing_to_divide_by_is_not_known() -> None:
    assert ratio([0.0], [0.0]) is None
    assert weighted_share([]) is None


def test_a_difference_spans_both_doubts() -> None:
    """Newcombe's first two examples, by his method 10."""
    gap = difference(share(56, 70), share(48, 80))
    assert gap == (*(pytest.approx(bound, abs=1e-4) for bound in (0.2, 0.0524, 0.3339)), 70)
    gap = difference(share(9, 10), share(3, 10))
    assert gap == (*(pytest.approx(bound, abs=1e-4) for bound in (0.6, 0.1705, 0.8090)), 10)


def test_the_same_distribution_does_not_drift() -> None:
    assert stability_index({"a": 0.4, "b": 0.6}, {"a": 0.4, "b": 0.6}) == 0
    assert stability_index({"a": 0.9, "b": 0.1}, {"a": 0.5, "b": 0.5}) == pytest.approx(0.87889, abs=1e-5)


def test_a_bin_that_one_side_lacks_has_the_least_share() -> None:
    one, both = {"a": 1.0}, {"a": 0.5, "b": 0.5}
    assert stability_index(one, both) == stability_index(both, one) == pytest.approx(4.60432, abs=1e-5)


def test_kappa_is_the_textbook_one() -> None:
    readings = [("same", "same")] * 20 + [("different", "different")] * 15 + [("same", "different")] * 5
    readings += [("different", "same")] * 10
    assert kappa(readings) == pytest.approx(0.4)
    assert kappa([("same", "same")]) is None
    assert kappa([]) is None
