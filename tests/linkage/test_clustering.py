"""Clustering alone, on weights given by hand or drawn at random."""

from akrim.linkage.clustering import Evidence, Numbers, Pair, agglomerate
from akrim.linkage.model import THRESHOLDS
from hypothesis import given, settings
from hypothesis import strategies as st

STRONG, WEAK = 12.0, 0.0


def groups(pairs: list[Pair], evidence: Evidence | None = None) -> set[frozenset[int]]:
    moved = agglomerate(pairs, evidence or Evidence(), THRESHOLDS)
    members: dict[int, set[int]] = {}
    for unit, root in moved.items():
        members.setdefault(root, set()).add(unit)
    return {frozenset(units) for units in members.values()}


def test_one_weak_bridge_never_joins_two_groups() -> None:
    pairs = [Pair(1, 2, STRONG), Pair(3, 4, STRONG), Pair(2, 3, STRONG / 2)]
    assert groups(pairs) == {frozenset({1, 2}), frozenset({3, 4})}


def test_a_group_whose_pairs_all_agree_is_joined() -> None:
    assert groups([Pair(1, 2, STRONG), Pair(2, 3, STRONG), Pair(1, 3, STRONG)]) == {frozenset({1, 2, 3})}


def test_different_valid_numbers_never_join_whatever_weighs_between_them() -> None:
    evidence = Evidence(numbers={1: ("a", None), 3: ("b", None)})
    pairs = [Pair(1, 2, 50.0), Pair(2, 3, 40.0), Pair(1, 3, 40.0)]
    assert groups(pairs, evidence) == {frozenset({1, 2})}


def test_a_clerks_different_keeps_two_groups_apart() -> None:
    evidence = Evidence(different=[(1, 3)])
    pairs = [Pair(1, 2, 50.0), Pair(2, 3, 40.0), Pair(1, 3, 40.0)]
    assert groups(pairs, evidence) == {frozenset({1, 2})}


def test_a_clerks_same_joins_without_any_weight() -> None:
    assert groups([], Evidence(same=[(1, 2)])) == {frozenset({1, 2})}


def test_a_clerks_same_does_not_join_different_valid_numbers() -> None:
    assert groups([], Evidence(same=[(1, 2)], numbers={1: ("a", None), 2: ("b", None)})) == set()


def test_what_stood_together_needs_less_to_stay() -> None:
    assert groups([Pair(1, 2, WEAK)]) == set()
    assert groups([Pair(1, 2, WEAK)], Evidence(standing={1: "P", 2: "P"})) == {frozenset({1, 2})}


def test_a_settled_person_stays_without_its_pairs() -> None:
    assert groups([], Evidence(standing={1: "P", 2: "P"}, settled={1, 2})) == {frozenset({1, 2})}


UNITS = st.integers(1, 12)
PAIRS = st.dictionaries(
    st.tuples(UNITS, UNITS).filter(lambda pair: pair[0] < pair[1]),
    st.floats(-10, 30).map(lambda w: round(w, 4)),
    max_size=30,
)
NUMBERS = st.dictionaries(
    UNITS, st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([None, "x", "y"])), max_size=8
)


@given(weights=PAIRS, numbers=NUMBERS, seed=st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_pairs_plays_no_part_and_no_group_has_two_numbers(
    weights: dict[tuple[int, int], float], numbers: dict[int, Numbers], seed: object
) -> None:
    pairs = [Pair(left, right, weight) for (left, right), weight in weights.items()]
    shuffled = pairs[:]
    seed.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random
    found = groups(pairs, Evidence(numbers=numbers))
    assert found == groups(shuffled, Evidence(numbers=numbers))
    for group in found:
        for kind in (0, 1):
            assert len({numbers[unit][kind] for unit in group if numbers.get(unit, (None, None))[kind]}) <= 1


@given(weights=PAIRS, numbers=NUMBERS)
@settings(max_examples=200, deadline=None)
def test_what_was_found_stands_when_looked_at_again(
    weights: dict[tuple[int, int], float], numbers: dict[int, Numbers]
) -> None:
    pairs = [Pair(left, right, weight) for (left, right), weight in weights.items()]
    found = groups(pairs, Evidence(numbers=numbers))
    standing = {unit: f"P{min(group)}" for group in found for unit in group}
    again = Evidence(numbers=numbers, standing=standing, settled=set(standing))
    assert groups(pairs, again) == found
