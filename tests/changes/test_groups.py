"""What became of groups: a network is followed by its enterprises, and its points are told by rule to the last one."""

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from akrim.changes import group_changes, moved_networks
from hypothesis import given

from tests.changes.networks import ROLES, TEN, TWENTY, Networks, kinds, sent


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"N1": ("ab", TEN)}, {"N1": ("ab", TEN)}, set()),
        ({"N1": ("ab", TEN)}, {"N1": ("abc", TEN)}, set()),
        ({}, {"N1": ("ab", TEN)}, {("entered", "N1")}),
        ({"N1": ("ab", TEN)}, {}, {("left", "N1")}),
        ({"N1": ("ab", TEN)}, {"N1": ("ab", {"bankruptcy": 15})}, {("rose", "N1")}),
        ({"N1": ("ab", {"bankruptcy": 15})}, {"N1": ("ab", TEN)}, {("fell", "N1")}),
        ({"N1": ("ab", TEN)}, {"N1": ("ab", TWENTY)}, {("rose", "N1"), ("status", "N1")}),
        ({"N1": ("ab", TEN)}, {"N2": ("ab", TEN)}, {("renamed", "N2", "N1")}),
        ({"N1": ("abc", TEN)}, {"N2": ("bcd", TWENTY)}, {("renamed", "N2", "N1"), ("rose", "N2", "N1"), ("status", "N2", "N1")}),
        ({"N1": ("ab", TEN), "N2": ("cd", TEN)}, {"N1": ("abcd", TEN)}, {("merged", "N1", "N2")}),
        ({"N1": ("ab", TEN), "N2": ("cd", TEN)}, {"N3": ("abcd", TEN)}, {("renamed", "N3", "N1"), ("merged", "N3", "N2")}),
        ({"N1": ("abcd", TEN)}, {"N1": ("ab", TEN), "N2": ("cd", TEN)}, {("entered", "N2"), ("split", "N2", "N1")}),
        ({"N1": ("abcde", TEN)}, {"N1": ("ab", TEN), "N2": ("cde", TEN)},
         {("renamed", "N2", "N1"), ("entered", "N1"), ("split", "N1", "N1")}),
        ({"N1": ("ab", TEN), "N2": ("cde", TEN)}, {"N1": ("abcde", TEN)}, {("merged", "N1", "N2")}),
        ({"N1": ("ab", TEN)}, {"N2": ("cd", TEN)}, {("left", "N1"), ("entered", "N2")}),
    ],
)  # fmt: skip
def test_a_network_is_followed_by_its_enterprises(
    before: Networks, after: Networks, expected: set[tuple[str, ...]]
) -> None:
    assert kinds(before, after) == expected


def test_a_decision_is_a_change_of_status() -> None:
    world = {"N1": ("ab", TEN)}
    (change,) = group_changes(sent(world), sent(world, {"N1": "trusselaktor"}))
    assert (change["change"], change["before"]["status"], change["after"]["status"]) == (
        "status", None, "trusselaktor",
    )  # fmt: skip


def test_a_decision_that_another_has_followed_gives_no_status() -> None:
    world = {"N1": ("ab", TEN)}
    after = sent(world, {"N1": "trusselaktor"})
    rows = [row | {"is_standing": False} for row in after["group_decisions"].to_pylist()]
    assert group_changes(sent(world), after | {"group_decisions": pa.Table.from_pylist(rows)}) == []


def test_a_centre_that_was_not_sent_groups_before_has_them_all_anew() -> None:
    assert [c["change"] for c in group_changes({}, sent({"N1": ("ab", TEN)}))] == ["entered"]


def test_what_the_centre_was_told_of_before_is_no_part_of_another() -> None:
    """One enterprise has moved to a network that was on no list."""
    before = sent({"N1": ("abc", TEN)}, told={"N2": "de"})
    after = sent({"N1": ("ab", TEN), "N2": ("cde", TEN)})
    assert [(c["change"], c["group_id"]) for c in group_changes(before, after)] == [("entered", "N2")]


def test_a_status_goes_with_most_of_the_network() -> None:
    before = sent({"N1": ("abcde", TEN)}, {"N1": "trusselaktor"})
    after = sent({"N1": ("ab", TEN), "N2": ("cde", TEN)}, {"N2": "trusselaktor"})
    assert "status" not in {change["change"] for change in group_changes(before, after)}


def test_an_enterprise_is_followed_by_its_number() -> None:
    row = {"orgnr": "200000039", "rank": 1, "total_points": 12, "capacity_points": 2, "proposed_status": None}
    points = [
        {"group_id": "200000039", "indicator_code": code, "dimension": ROLES[code], "points": number, "persons": None}
        for code, number in {"bankruptcy": 10, "active_enterprises": 2}.items()
    ]  # fmt: skip
    before = {
        "enterprise_assessments": pa.Table.from_pylist([row]),
        "group_observations": pa.Table.from_pylist(points),
    }
    after = before | {
        "enterprise_assessments": pa.Table.from_pylist([row | {"total_points": 10, "capacity_points": 0}])
    }
    (change,) = group_changes(before, after)
    assert (change["group_kind"], change["change"], change["rules"]) == (
        "enterprise", "fell", [{"indicator_code": "active_enterprises", "points": -2, "persons": [], "enterprises": -2}],
    )  # fmt: skip


POINTS = st.dictionaries(st.sampled_from(sorted(ROLES)), st.integers(1, 30))


WORLD = st.lists(st.tuples(st.sampled_from("123456"), POINTS), max_size=6, unique_by=lambda pair: pair[0]).flatmap(
    lambda listed: st.lists(
        st.integers(0, max(len(listed) - 1, 0)), min_size=8, max_size=8
    ).map(
        lambda places: {
            f"N{name}": ("".join(e for e, place in zip("abcdefgh", places, strict=True) if place == n), points)
            for n, (name, points) in enumerate(listed)
        }
    )
)  # fmt: skip


DECIDED = st.dictionaries(
    st.sampled_from([f"N{n}" for n in range(1, 7)]), st.just("trusselaktor"), max_size=3
)


@given(
    before=WORLD,
    after=WORLD,
    decided=st.tuples(DECIDED, DECIDED),
    listed=st.tuples(st.integers(0, 6), st.integers(0, 6)),
)
def test_rules_sum_up_and_every_network_resolves(
    before: Networks, after: Networks, decided: tuple[dict[str, str], dict[str, str]], listed: tuple[int, int]
) -> None:
    """Some of the networks are told without being on the list."""
    was, now = (
        sent(dict(list(world.items())[:n]), statuses, {name: e for name, (e, _) in list(world.items())[n:]})
        for world, statuses, n in zip((before, after), decided, listed, strict=True)
    )
    for change in group_changes(was, now):
        totals = [(change[when] or {"total_points": 0})["total_points"] for when in ("before", "after")]
        assert sum(rule["points"] for rule in change["rules"]) == totals[1] - totals[0]
        if all("points" in cause for cause in change["causes"]):
            assert sum(cause["points"] for cause in change["causes"]) == totals[1] - totals[0]
        else:
            assert change["change"] in {"status", "merged", "split", "renamed"}
    moved = {entry["old_network_id"]: entry["network_ids"] for entry in moved_networks([], was, now)}
    present = {name for name, (enterprises, _) in after.items() if enterprises}
    for name, (enterprises, _) in before.items():
        if enterprises:
            assert set(moved.get(name, [name])) <= present
            assert name in present or name in moved


def test_an_id_of_long_ago_leads_to_what_it_is_now() -> None:
    first, second, third = (sent({name: ("ab", TEN)}) for name in ("N1", "N2", "N3"))
    earlier = moved_networks([], first, second)
    assert earlier == [{"old_network_id": "N1", "kind": "renamed", "network_ids": ["N2"]}]
    assert moved_networks(earlier, second, third) == [
        {"old_network_id": name, "kind": "renamed", "network_ids": ["N3"]} for name in ("N1", "N2")
    ]
    assert moved_networks(earlier, second, first) == [
        {"old_network_id": "N2", "kind": "renamed", "network_ids": ["N1"]}
    ], "one that is there again stands for itself"
    assert moved_networks(earlier, second, {}) == [
        {"old_network_id": name, "kind": "left", "network_ids": []} for name in ("N1", "N2")
    ]


def test_a_network_that_another_took_in_is_merged_whatever_that_is_called_since() -> None:
    apart, joined = sent({"N1": ("abc", TEN), "N2": ("de", TEN)}), sent({"N1": ("abcde", TEN)})
    earlier = moved_networks([], apart, joined)
    assert earlier == [{"old_network_id": "N2", "kind": "merged", "network_ids": ["N1"]}]
    assert moved_networks(earlier, joined, sent({"N3": ("abcde", TEN)})) == [
        {"old_network_id": "N1", "kind": "renamed", "network_ids": ["N3"]},
        {"old_network_id": "N2", "kind": "merged", "network_ids": ["N3"]},
    ]
