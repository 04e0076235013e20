"""What brought a group's change about: what moved its persons, or else its enterprises, to the last point."""

from datetime import date
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from akrim.changes import group_changes
from akrim.changes.group_shares import split
from hypothesis import given

from tests.changes.networks import ROLES, TEN, TWENTY, sent


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
        ({"p": TEN}, {"p": FIFTEEN}, [of_person("p", "rose", ("linkage", 5)), of_person("p", "status", ("source", 0))], EVERYTHING,
         {"linkage": 5}),
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
    undecided = group_changes(before | members, after, [moved], ("source",))
    assert {change["change"]: change["cause"] for change in undecided}["status"] != "prioritisation"


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
