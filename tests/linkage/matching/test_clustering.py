"""Clustering by itself, on given or random weights."""

import duckdb
import pytest
from akrim.linkage.matching.agglomeration import Clustering, Evidence, Groups, Numbers, Pair, agglomerate
from akrim.linkage.matching.clustering import cluster
from akrim.linkage.model.thresholds import JOIN_UNSEEN, thresholds
from hypothesis import given, settings
from hypothesis import strategies as st

THRESHOLDS = thresholds(JOIN_UNSEEN)
STRONG, WEAK = 12.0, JOIN_UNSEEN - 0.5


def groups(pairs: list[Pair], evidence: Evidence | None = None) -> set[frozenset[int]]:
    agglomerated = agglomerate(pairs, evidence or Evidence(), THRESHOLDS).clusters
    members: dict[int, set[int]] = {}
    for unit, root in agglomerated.items():
        members.setdefault(root, set()).add(unit)
    return {frozenset(units) for units in members.values()}


def test_one_weak_bridge_never_joins_two_groups() -> None:
    pairs = [Pair(1, 2, STRONG), Pair(3, 4, STRONG), Pair(2, 3, STRONG / 2)]
    assert groups(pairs) == {frozenset({1, 2}), frozenset({3, 4})}


def test_a_group_whose_pairs_all_agree_is_joined() -> None:
    assert groups([Pair(1, 2, STRONG), Pair(2, 3, STRONG), Pair(1, 3, STRONG)]) == {frozenset({1, 2, 3})}


def test_different_valid_numbers_never_join_whatever_weighs_between_them() -> None:
    pairs = [Pair(1, 2, 50.0), Pair(2, 3, 40.0), Pair(1, 3, 40.0)]
    for numbered in (1, 2):  # the other goes by the same number once they are one
        for a, b in ((("a", None), ("b", None)), ((None, "a"), (None, "b"))):
            assert groups(pairs, Evidence(numbers={numbered: a, 3: b})) == {frozenset({1, 2})}


@pytest.mark.parametrize("told_apart", [(1, 3), (2, 3)])
def test_a_clerks_different_keeps_two_groups_apart(told_apart: tuple[int, int]) -> None:
    evidence = Evidence(different=[told_apart])
    pairs = [Pair(1, 2, 50.0), Pair(2, 3, 40.0), Pair(1, 3, 40.0)]
    assert groups(pairs, evidence) == {frozenset({1, 2})}


def test_a_clerks_same_joins_without_any_weight() -> None:
    assert groups([], Evidence(same=[(1, 2)])) == {frozenset({1, 2})}


def test_a_clerks_same_does_not_join_different_valid_numbers() -> None:
    assert groups([], Evidence(same=[(1, 2)], numbers={1: ("a", None), 2: ("b", None)})) == set()


def test_a_clerks_different_outweighs_what_was_said_to_be_the_same() -> None:
    assert groups([], Evidence(same=[(1, 2), (2, 3)], different=[(1, 3)])) == {frozenset({1, 2})}


def test_what_stood_together_needs_less_to_stay() -> None:
    assert groups([Pair(1, 2, THRESHOLDS["join"])]) == {frozenset({1, 2})}
    assert groups([Pair(1, 2, WEAK)]) == set()
    assert groups([Pair(1, 2, WEAK)], Evidence(existing={1: "P", 2: "P"})) == {frozenset({1, 2})}
    newcomer = [Pair(1, 2, STRONG), Pair(1, 3, WEAK), Pair(2, 3, WEAK)]
    assert groups(newcomer, Evidence(existing={2: "P", 3: "P"})) == {frozenset({1, 2, 3})}


def test_a_settled_person_stays_without_its_pairs() -> None:
    assert groups([], Evidence(existing={1: "P", 2: "P"}, settled={1, 2})) == {frozenset({1, 2})}


# 2 has no number of its own and fits 1 and 3, who are two persons.
BRIDGE = [Pair(1, 2, STRONG), Pair(2, 3, STRONG - 1)]
TWO_NUMBERS = {1: ("a", None), 3: ("b", None)}


def test_what_fits_two_persons_nearly_alike_is_parked() -> None:
    assert agglomerate(BRIDGE, Evidence(TWO_NUMBERS), THRESHOLDS) == ({}, {2: "numbers"})
    at_most = [Pair(1, 2, STRONG), Pair(2, 3, STRONG - 3)]
    assert agglomerate(at_most, Evidence(TWO_NUMBERS), THRESHOLDS) == ({}, {2: "numbers"})
    also_told_apart = Evidence(TWO_NUMBERS, different=[(1, 9)])
    assert agglomerate(BRIDGE, also_told_apart, THRESHOLDS) == ({}, {2: "numbers"})
    told_apart = Evidence(different=[(1, 3)])
    assert agglomerate(BRIDGE, told_apart, THRESHOLDS) == ({}, {2: "verdict"})


def test_what_fits_one_clearly_better_is_not() -> None:
    clearly = [Pair(1, 2, STRONG), Pair(2, 3, STRONG - 4)]
    assert agglomerate(clearly, Evidence(TWO_NUMBERS), THRESHOLDS) == ({1: 1, 2: 1}, {})
    other_too_light = [Pair(1, 2, THRESHOLDS["join"]), Pair(2, 3, WEAK)]
    assert agglomerate(other_too_light, Evidence(TWO_NUMBERS), THRESHOLDS) == ({1: 1, 2: 1}, {})
    other_is_another = Evidence({1: (None, "x"), 2: ("a", None), 3: ("b", "y")})
    assert agglomerate(BRIDGE, other_is_another, THRESHOLDS) == ({1: 1, 2: 1}, {})


def test_what_stood_with_one_of_them_stays() -> None:
    stood = Evidence(TWO_NUMBERS, existing={1: "P", 2: "P"})
    assert agglomerate(BRIDGE, stood, THRESHOLDS) == ({1: 1, 2: 1}, {})


def test_a_verdict_takes_out_of_doubt() -> None:
    for settled in (Evidence(TWO_NUMBERS, same=[(2, 3)]), Evidence(TWO_NUMBERS, different=[(1, 2)])):
        assert agglomerate(BRIDGE, settled, THRESHOLDS) == ({2: 2, 3: 2}, {})


def test_a_group_is_parked_whole() -> None:
    whole = [Pair(2, 4, STRONG + 5), *BRIDGE, Pair(1, 4, STRONG), Pair(3, 4, STRONG)]
    assert agglomerate(whole, Evidence(TWO_NUMBERS), THRESHOLDS) == (
        {2: 2, 4: 2},
        {2: "numbers", 4: "numbers"},
    )


def test_doubt_that_others_have_settled_is_taken_back() -> None:
    """3 is drawn to 4, which 2 does not fit: together they no longer fit 2."""
    drawn = [*BRIDGE, Pair(3, 4, STRONG - 2), Pair(2, 4, -30.0)]
    assert agglomerate(drawn, Evidence(TWO_NUMBERS), THRESHOLDS) == ({1: 1, 2: 1, 3: 3, 4: 3}, {})


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
@settings(max_examples=200)
def test_the_order_of_pairs_plays_no_part_and_no_group_has_two_numbers(
    weights: dict[tuple[int, int], float], numbers: dict[int, Numbers], seed: object
) -> None:
    pairs = [Pair(left, right, weight) for (left, right), weight in weights.items()]
    shuffled = pairs[:]
    seed.shuffle(shuffled)
    found = groups(pairs, Evidence(numbers=numbers))
    assert found == groups(shuffled, Evidence(numbers=numbers))
    for group in found:
        for kind in (0, 1):
            assert len({numbers[unit][kind] for unit in group if numbers.get(unit, (None, None))[kind]}) <= 1


@given(weights=PAIRS, numbers=NUMBERS)
@settings(max_examples=200)
def test_clusters_are_unchanged_when_clustered_again(
    weights: dict[tuple[int, int], float], numbers: dict[int, Numbers]
) -> None:
    pairs = [Pair(left, right, weight) for (left, right), weight in weights.items()]
    found = groups(pairs, Evidence(numbers=numbers))
    existing = {unit: f"P{min(group)}" for group in found for unit in group}
    again = Evidence(numbers=numbers, existing=existing, settled=set(existing))
    assert groups(pairs, again) == found
    parked = agglomerate(pairs, Evidence(numbers=numbers), THRESHOLDS).parked
    assert agglomerate(pairs, again, THRESHOLDS).parked == parked


class AskedAnew(Groups):
    """Groups that look anew each time whether one is contradictory, beside what they kept."""

    def contradiction(self, root: int) -> str | None:
        kept = super().contradiction(root)
        assert kept == self._contradiction(root)
        return kept


@given(weights=PAIRS, numbers=NUMBERS, existing=st.dictionaries(UNITS, st.sampled_from("PQ"), max_size=6),
       different=st.lists(st.tuples(UNITS, UNITS).filter(lambda two: two[0] < two[1]), max_size=4))  # fmt: skip
@settings(max_examples=300)
def test_what_is_kept_of_a_contradiction_is_what_is_found_anew(
    weights: dict[tuple[int, int], float],
    numbers: dict[int, Numbers],
    existing: dict[int, str],
    different: list[tuple[int, int]],
) -> None:
    doubted = AskedAnew(Evidence(numbers=numbers, existing=existing), THRESHOLDS)
    for (left, right), weight in weights.items():
        doubted.add(Pair(left, right, weight))
    for left, right in different:
        doubted.keep_apart(left, right)
    doubted.join_all()


# Worlds of several components, some of which stand, are decided on or have numbers.
MANY = st.integers(1, 30)
TWO = st.tuples(MANY, MANY).filter(lambda pair: pair[0] < pair[1])
WEIGHTS = st.dictionaries(TWO, st.sampled_from([-8.0, -1.5, 0.0, 1.0, 1.5, 2.0, 4.0, 12.0]), max_size=60)
PERSONS = st.dictionaries(MANY, st.sampled_from("PQRS"), max_size=12)
VERDICTS = st.lists(TWO, max_size=3, unique=True)
TABLES = {
    "described": "unit_id bigint",
    "pairs": "unit_l bigint, unit_r bigint, match_weight double",
    "descriptions": "unit_id bigint, national_number varchar, d_number varchar",
    "existing_units": "unit_id bigint, person_id varchar, is_settled boolean",
    "decided_units": "unit_l bigint, unit_r bigint, verdict varchar",
}


def clustered_in_sql(pairs: list[Pair], evidence: Evidence) -> Clustering:
    """What `cluster` makes of the same, few pairs at a time."""
    con = duckdb.connect()
    verdicts = {"same": evidence.same, "different": evidence.different}
    rows: dict[str, list[tuple[object, ...]]] = {
        "described": [(unit,) for unit in (*range(1, 31), 1)],  # a unit has a row for each of its records
        "pairs": [*pairs],
        "descriptions": [(unit, *numbers) for unit, numbers in evidence.numbers.items()],
        "existing_units": [(unit, person, unit in evidence.settled) for unit, person in evidence.existing.items()],
        "decided_units": [(*two, verdict) for verdict, units in verdicts.items() for two in units],
    }  # fmt: skip
    for table, columns in TABLES.items():
        con.execute(f"create or replace table {table} ({columns})")
        if held := rows[table]:
            for row in held:
                con.table(table).insert(row)
    cluster(con, THRESHOLDS, at_once=3)
    joined = con.execute(
        "select unit_id, cluster_id from clusters qualify count(*) over (partition by cluster_id) > 1"
    ).fetchall()
    assert len(dict(joined)) == len(joined), "a unit is in two clusters"
    return Clustering(dict(joined), dict(con.execute("from parked").fetchall()))


@given(weights=WEIGHTS, numbers=st.dictionaries(MANY, st.tuples(st.sampled_from([None, "a", "b"]), st.none()), max_size=8),
       existing=PERSONS, is_settled=st.sets(st.sampled_from("PQRS")), same=VERDICTS, different=VERDICTS)  # fmt: skip
@settings(max_examples=40)
def test_set_work_finds_what_agglomeration_of_everything_finds(
    weights: dict[tuple[int, int], float],
    numbers: dict[int, Numbers],
    existing: dict[int, str],
    is_settled: set[str],
    same: list[tuple[int, int]],
    different: list[tuple[int, int]],
) -> None:
    settled = {unit for unit, person in existing.items() if person in is_settled}
    leaders = {person: min(u for u in existing if existing[u] == person) for person in existing.values()}
    # An existing person has one number of a kind.
    numbers |= {unit: numbers.get(leaders[existing[unit]], (None, None)) for unit in settled}
    pairs = [Pair(left, right, weight) for (left, right), weight in weights.items()]
    evidence = Evidence(numbers, existing, settled, sorted(same), sorted(different))
    assert clustered_in_sql(pairs, evidence) == agglomerate(pairs, evidence, THRESHOLDS)


JOIN, BREAK = THRESHOLDS["join"], THRESHOLDS["break"]
TOGETHER = {1: 1, 2: 1}
STOOD = {1: "P", 2: "P"}
# No blocking rule makes a pair of two numbers, but nothing else keeps the two apart.
EDGES = {
    "of two national numbers": ([Pair(1, 2, STRONG)], Evidence(numbers={1: ("a", None), 2: ("b", None)}), {}),
    "of two D-numbers": ([Pair(1, 2, STRONG)], Evidence(numbers={1: (None, "a"), 2: (None, "b")}), {}),
    "just enough to join": ([Pair(1, 2, JOIN)], Evidence(), TOGETHER),
    "just too little to join": ([Pair(1, 2, JOIN - 0.001)], Evidence(), {}),
    "just enough to stay": ([Pair(1, 2, BREAK)], Evidence(existing=STOOD), TOGETHER),
    "just too little to stay": ([Pair(1, 2, BREAK - 0.001)], Evidence(existing=STOOD), {}),
    "of two persons before": ([Pair(1, 2, BREAK)], Evidence(existing={1: "P", 2: "Q"}), {}),
    "settled": ([], Evidence(existing=STOOD, settled={1, 2}), TOGETHER),
    "settled, and another comes near": ([Pair(2, 3, BREAK)], Evidence(existing=STOOD, settled={1, 2}), TOGETHER),
    "said to be one": ([], Evidence(same=[(1, 2)]), TOGETHER),
    "said to be two": ([Pair(1, 2, STRONG)], Evidence(different=[(1, 2)]), {}),
    "of three, one near another": ([Pair(1, 2, STRONG), Pair(2, 3, BREAK)], Evidence(), TOGETHER),
    "of three, one with another": ([Pair(1, 2, STRONG), Pair(2, 3, JOIN)], Evidence(), TOGETHER),
    "of four, two and two": ([Pair(1, 2, STRONG), Pair(2, 3, BREAK), Pair(3, 4, STRONG)], Evidence(), {1: 1, 2: 1, 3: 3, 4: 3}),
}  # fmt: skip


@pytest.mark.parametrize(("pairs", "evidence", "joined"), EDGES.values(), ids=EDGES)
def test_set_work_draws_its_lines_where_agglomeration_does(
    pairs: list[Pair], evidence: Evidence, joined: dict[int, int]
) -> None:
    assert clustered_in_sql(pairs, evidence) == (joined, {})
    assert agglomerate(pairs, evidence, THRESHOLDS) == (joined, {})
