"""What became of groups: a network is followed by its enterprises, and its points are told by rule to the last one."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from akrim.changes import group_changes, moved_networks
from akrim.changes.group_shares import split
from hypothesis import given

Networks = Mapping[str, tuple[str, dict[str, int]]]
ROLES = {"bankruptcy": "intention", "phoenix": "intention", "active_enterprises": "capacity"}


def sent(
    networks: Networks, statuses: Mapping[str, str] | None = None, told: Mapping[str, str] | None = None
) -> dict[str, pa.Table]:
    """The tables of a centre: by network its enterprises, a letter each, and its points by rule.

    Args:
        statuses: what the team has decided, by network.
        told: networks that are on no list, with their enterprises.
    """
    lines, members, observed = [], [], []
    for rank, (network, (enterprises, points)) in enumerate(networks.items(), start=1):
        capacity = sum(number for code, number in points.items() if ROLES[code] == "capacity")
        # As in points_of_groups: capacity counts from some points of intention on.
        intention = sum(points.values()) - capacity
        capacity = capacity if intention >= 10 else 0
        lines.append(
            {
                "network_id": network,
                "rank": rank,
                "total_points": intention + capacity,
                "capacity_points": capacity,
                "proposed_status": "trusselaktor" if intention >= 20 else "potensiell_trusselaktor",
            }
        )
        members += [
            {"network_id": network, "member_kind": "enterprise", "member_id": orgnr} for orgnr in enterprises
        ]
        observed += [
            {"group_id": network, "indicator_code": code, "dimension": ROLES[code], "points": number,
             "persons": 1 if ROLES[code] == "intention" else None}
            for code, number in points.items()
        ]  # fmt: skip
    members += [
        {"network_id": network, "member_kind": "enterprise", "member_id": orgnr}
        for network, enterprises in (told or {}).items()
        for orgnr in enterprises
    ]
    decided = [
        {"group_id": group, "status": status, "is_standing": True}
        for group, status in (statuses or {}).items()
    ]
    tables = {
        "network_assessments": lines, "network_members": members, "group_observations": observed, "group_decisions": decided,
    }  # fmt: skip
    return {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}


def counting(**persons: dict[str, int]) -> dict[str, pa.Table]:
    """The tables of who counts for N1, with what each has alone by rule."""
    members = [{"group_id": "N1", "person_id": person_id, "strength": 1} for person_id in persons]
    found = [
        {"person_id": person_id, "indicator_code": code, "points_alone": number}
        for person_id, points in persons.items()
        for code, number in points.items()
    ]
    return {
        "group_members": pa.Table.from_pylist(members),
        "indicator_observations": pa.Table.from_pylist(
            found,
            pa.schema(
                [("person_id", pa.string()), ("indicator_code", pa.string()), ("points_alone", pa.int32())]
            ),
        ),
    }


def kinds(before: Networks, after: Networks) -> set[tuple[str, ...]]:
    found = group_changes(sent(before), sent(after))
    return {
        (c["change"], c["group_id"], *([c["old_group_id"]] if "old_group_id" in c else [])) for c in found
    }


TEN, TWENTY = {"bankruptcy": 10}, {"bankruptcy": 20}


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


def of_person(person_id: str, kind: str, *causes: tuple[str, int], **more: str) -> dict[str, Any]:
    """A person's change, its first cause the main one."""
    told = [{"cause": cause, "points": points} for cause, points in causes]
    return {"person_id": person_id, "change": kind, "cause": causes[0][0], "causes": told} | more


FIFTEEN, LARGER = {"bankruptcy": 15}, {"bankruptcy": 10, "active_enterprises": 2}
EVERYTHING = ("source", "linkage", "rule", "prioritisation")


@pytest.mark.parametrize(
    ("before", "after", "persons", "differing", "expected"),
    [
        ({"p": TEN}, {"p": FIFTEEN}, [of_person("p", "rose", ("linkage", 5))], EVERYTHING, {"linkage": 5}),
        # the one for whom a rule weighs most brings its points
        ({"p": TEN, "q": {"bankruptcy": 3}}, {"p": {"bankruptcy": 4}, "q": FIFTEEN},
         [of_person("p", "fell", ("rule", -6)), of_person("q", "rose", ("source", 12))], EVERYTHING, {"source": 15, "rule": -10}),
        ({"p": TEN}, {"p": FIFTEEN}, [of_person("p", "rose", ("source", 3), ("rule", 2))], EVERYTHING, {"source": 3, "rule": 2}),
        # who does not count for it, a place lost to others, and a decision on a person move no network
        ({"p": TEN}, {"p": FIFTEEN}, [of_person("q", "rose", ("linkage", 5))], EVERYTHING, {"source": 5}),
        ({"p": TEN}, {"p": FIFTEEN}, [of_person("p", "rose", ("rule", 5), ("linkage", 0))], EVERYTHING, {"rule": 5}),
        ({"p": TEN}, {"p": FIFTEEN}, [of_person("p", "status", ("prioritisation", 0))], ("source", "prioritisation"), {"source": 5}),
        # but a person whom a decision took off the list counts no more
        ({"p": TEN, "q": FIFTEEN}, {"p": TEN}, [of_person("q", "left", ("prioritisation", -15))], EVERYTHING,
         {"prioritisation": -5}),
        # and whoever counts anew does so by facts, also where the team decided on her
        ({"p": TEN}, {"p": TEN, "q": FIFTEEN},
         [of_person("q", "rose", ("source", 3), ("prioritisation", 0)), of_person("q", "status", ("prioritisation", 0))],
         ("source", "prioritisation"), {"source": 5}),
        ({"p": TEN}, {"p": TEN, "q": FIFTEEN}, [of_person("q", "status", ("prioritisation", 0))], ("source", "prioritisation"), {"source": 5}),
        ({"p": TEN}, {"p": TEN | LARGER}, [of_person("p", "rose", ("linkage", 5))], ("source", "linkage"), {"source": 2}),
        ({"p": TEN}, {"p": LARGER}, [], ("code", "settings.language"), {"code": 2}),
        ({"p": TEN}, {"p": FIFTEEN}, [], ("link_decision", "prioritisation"), {"link_decision": 5}),
        (None, {"p": LARGER}, [of_person("p", "entered", ("linkage", 10))], (), {"linkage": 12}),
        (None, {"p": TEN}, [], (), {"source": 10}),
        ({"p": TEN}, None, [], ("settings.language",), {"code": -10}),
    ],
)  # fmt: skip
def test_a_groups_points_have_the_causes_of_its_persons_or_else_of_its_enterprises(
    before: dict[str, dict[str, int]] | None,
    after: dict[str, dict[str, int]] | None,
    persons: list[dict[str, Any]],
    differing: tuple[str, ...],
    expected: dict[str, int],
) -> None:
    """Each is a world by person; what is found by capacity is the enterprises'."""
    tables = [
        sent(
            {
                "N1": (
                    "ab",
                    {
                        c: max(p.get(c, 0) for p in world.values())
                        for c in ROLES
                        if any(c in p for p in world.values())
                    },
                )
            }
        )
        | counting(**world)
        if world
        else {}
        for world in (before, after)
    ]
    (change,) = group_changes(tables[0], tables[1], persons, differing)
    assert {cause["cause"]: cause["points"] for cause in change["causes"]} == expected
    assert change["cause"] == change["causes"][0]["cause"]


def test_a_network_is_renamed_by_records_that_moved_and_decided_on_by_the_team() -> None:
    before, moved = sent({"N1": ("ab", TEN)}), of_person("r", "merged", ("linkage", 0), old_person_id="p")
    members = {"group_members": pa.Table.from_pylist([{"group_id": "N1", "person_id": "p"}])}
    after = sent({"N2": ("ab", TEN)}, {"N2": "trusselaktor"})
    found = group_changes(before | members, after, [moved], EVERYTHING)
    assert {change["change"]: change["causes"] for change in found} == {
        "status": [{"cause": "prioritisation"}], "renamed": [{"cause": "linkage"}],
    }  # fmt: skip


def test_an_enterprise_that_no_longer_operates_left_for_that() -> None:
    line = {
        "orgnr": "200000039",
        "rank": 1,
        "total_points": 10,
        "capacity_points": 0,
        "proposed_status": None,
    }
    members = pa.Table.from_pylist([{"group_id": "200000039", "person_id": "p"}])
    registered = {
        "orgnr": "200000039",
        "bankruptcy_date": date(2026, 3, 12),
        "deleted_date": date(2026, 6, 1),
    }
    before = {"enterprise_assessments": pa.Table.from_pylist([line]), "group_members": members}
    fell = of_person("p", "fell", ("linkage", -5))
    (change,) = group_changes(before, {"enterprises": pa.Table.from_pylist([registered])}, [fell], EVERYTHING)
    assert (change["change"], change["ended"], change["cause"]) == ("left", "2026-03-12", "source")
    (change,) = group_changes(before, {}, [fell], EVERYTHING)
    assert ("ended" in change, change["cause"]) == (False, "linkage")


def test_a_rule_tells_who_brought_its_points_under_the_present_id_and_the_enterprises() -> None:
    """By events the points of all who found something add up: 20 are shared as 10 to 30, after 10 of one alone."""
    before = sent({"N1": ("ab", TEN)}) | counting(old=TEN)
    after = sent({"N1": ("ab", TWENTY | {"active_enterprises": 3})}) | counting(p=TEN, q={"bankruptcy": 30})
    observed = after["group_observations"]
    after["group_observations"] = observed.append_column("events", pa.array(['[{"event": "1"}]', "[]"]))
    joined = [
        of_person("p", "merged", ("linkage", 0), old_person_id="old"),
        of_person("q", "entered", ("source", 30)),
    ]
    rose, _ = group_changes(before, after, joined, EVERYTHING)
    assert rose["rules"] == [
        {"indicator_code": "active_enterprises", "points": 3, "persons": [], "enterprises": 3},
        {"indicator_code": "bankruptcy", "points": 10, "enterprises": 0,
         "persons": [{"person_id": "p", "points": -5}, {"person_id": "q", "points": 15}]},
    ]  # fmt: skip
    assert rose["causes"] == [{"cause": "source", "points": 18}, {"cause": "linkage", "points": -5}]


@pytest.mark.parametrize(("version", "cause"), [(1, "source"), (2, "rule")])
def test_points_of_enterprises_by_a_rule_of_another_version_are_the_rules(version: int, cause: str) -> None:
    before, after = (sent({"N1": ("ab", TEN | {"active_enterprises": n})}) for n in (1, 3))
    for tables, number in ((before, 1), (after, version)):
        tables["group_observations"] = tables["group_observations"].append_column(
            "indicator_version", pa.array([1, number])
        )
    (change,) = group_changes(before, after, [], EVERYTHING)
    assert change["causes"] == [{"cause": cause, "points": 2}]


@given(st.integers(-200, 200), st.dictionaries(st.text(max_size=2), st.integers(1, 30), min_size=1))
def test_points_are_split_in_whole_numbers_by_weight(points: int, weights: dict[str, int]) -> None:
    parts = split(points, weights)
    assert sum(parts.values()) == points
    assert all(
        abs(parts[key] - points * weight / sum(weights.values())) < 1 for key, weight in weights.items()
    )


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
