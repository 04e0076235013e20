"""Numbers of persons from 1 to 4 are hidden, and nothing that is shown gives one away."""

from datetime import date
from typing import Any

import pytest
from akrim.contracts import NATIONAL, WITHOUT_CENTRE, centres, statuses
from akrim.sharing.national.figures import (
    DECIDED,
    DISMISSALS,
    PROPOSED,
    counts_told,
    efficacy_told,
    fairness_told,
    measures_told,
)
from akrim.sharing.national.small_numbers import (
    HIDDEN,
    Range,
    hide_in_total,
    hide_small,
    is_small,
    shown_shares,
)
from hypothesis import example, given
from hypothesis import strategies as st

Row = dict[str, Any]
SCOPES = (*centres(), WITHOUT_CENTRE)
CELLS = (*DECIDED, DISMISSALS, *PROPOSED)
NUMBERS = st.one_of(st.just(0), st.integers(1, 4), st.integers(5, 40))
TABLES = st.dictionaries(st.tuples(st.sampled_from(SCOPES), st.sampled_from(CELLS)), NUMBERS, max_size=25)


def rows(cells: dict[tuple[str, tuple[str, str]], int]) -> list[Row]:
    """national_counts of nobody who is on two lists, whose total is what gives most away."""
    counted = {(scope, *cell): number for (scope, cell), number in cells.items()}
    for cell in CELLS:
        counted[NATIONAL, *cell] = sum(number for (_, of), number in cells.items() if of == cell)
    return [
        {"scope": scope, "kind": kind, "code": code, "persons": number}
        for (scope, kind, code), number in counted.items()
    ]


@given(TABLES)
@example({("oslo", DECIDED[0]): 1, ("bergen", DECIDED[0]): 1})
@example({("oslo", DECIDED[0]): 4, ("bergen", DECIDED[0]): 4})
@example({("oslo", DECIDED[0]): 1, ("bergen", DECIDED[0]): 2, ("alta", DECIDED[0]): 7})
@example({("oslo", DECIDED[0]): 3, ("oslo", DECIDED[1]): 9, ("bergen", DECIDED[0]): 30})
def test_every_hidden_number_could_be_another(cells: dict[tuple[str, tuple[str, str]], int]) -> None:
    """Whatever is shown would be the same, down to the last total, were a hidden number another."""
    shown = counts_told(rows(cells))
    for (scope, cell), number in cells.items():
        assert shown[(scope, *cell)] == hide_small(number)
        if is_small(number):
            others = (other_table(cells, scope, cell, to) for to in range(1, 5) if to != number)
            assert any(counts_told(rows(other)) == shown for other in others if other), (scope, cell)


def other_table(
    cells: dict[tuple[str, tuple[str, str]], int], scope: str, cell: tuple[str, str], to: int
) -> dict[tuple[str, tuple[str, str]], int] | None:
    """The table with this number for that one; where it can be, the others hidden of the status make up for it."""
    small = [key for key, number in cells.items() if key[1] == cell and is_small(number) and key[0] != scope]
    change = cells[scope, cell] - to
    for key in small:
        if is_small(cells[key] + change):
            return cells | {(scope, cell): to, key: cells[key] + change}
    if all(cells[key] == cells[scope, cell] for key in small):
        return cells | dict.fromkeys([(scope, cell), *small], to)
    return None


@given(st.lists(NUMBERS, min_size=1, max_size=5), st.integers(0, 3))
@example([3, 3], 3)
def test_a_total_holds_the_number_and_is_exact_where_it_can_be(parts: list[int], in_two: int) -> None:
    total = max(*parts, sum(parts) - in_two)
    shown = hide_in_total(parts, total)
    assert min(total, 1) <= shown.at_least <= max(total, 1)
    assert total <= shown.at_most
    if not any(map(is_small, parts)):
        assert shown == Range(total, total)
    elif sum(map(is_small, parts)) == 1 or is_small(total):
        assert not shown.is_exact


def test_few_on_several_lists_are_not_the_difference_of_what_is_shown() -> None:
    cells = {("oslo", DECIDED[1]): 12, ("bergen", DECIDED[1]): 9}
    told_by = [
        counts_told(
            [row for row in rows(cells) if row["scope"] != NATIONAL]
            + [
                {"scope": NATIONAL, "kind": "decided", "code": "trusselaktor", "persons": 21 - both},
                {"scope": NATIONAL, "kind": "several_lists", "code": "all", "persons": both},
            ]
        )
        for both in (1, 2, 3, 4)
    ]
    assert told_by[0][NATIONAL, "several_lists", "all"] == HIDDEN
    assert told_by[0] == told_by[1] == told_by[2] == told_by[3]


@pytest.mark.parametrize(
    ("lived", "told_where"),
    [
        ({"3401": 8, "3403": 6}, {"3401": 8, "3403": 6}),
        ({"3401": 8, "3403": 5, "3405": 4, "3407": 3}, {"3401": 8, "3403": 5, "other": 7}),
        # The others would be 3, and so the smallest that is shown is among them.
        ({"3401": 8, "3403": 5, "3405": 3}, {"3401": 8, "other": 8}),
        ({"unknown": 9}, {"other": 9}),
    ],
)
def test_municipalities_of_few_are_counted_together(
    lived: dict[str, int], told_where: dict[str, int]
) -> None:
    listed = rows({(WITHOUT_CENTRE, ("proposed", "av_interesse")): sum(lived.values())})
    shown = counts_told(
        listed
        + [
            {"scope": WITHOUT_CENTRE, "kind": "municipality", "code": code, "persons": number}
            for code, number in lived.items()
        ]
    )
    assert {code: number for (_, kind, code), number in shown.items() if kind == "municipality"} == {
        code: Range(number, number) for code, number in told_where.items()
    }


def test_no_municipality_is_shown_beside_a_range() -> None:
    """Where those live whom no centre has would give away how many of them are of interest."""
    cells = {(WITHOUT_CENTRE, PROPOSED[1]): 9, (WITHOUT_CENTRE, PROPOSED[3]): 4}
    lived = [{"scope": WITHOUT_CENTRE, "kind": "municipality", "code": "3401", "persons": 13}]
    shown = counts_told(rows(cells) + lived)
    assert {code: number for (_, kind, code), number in shown.items() if kind == "municipality"} == {
        "other": Range(10, 13)
    }


def situation(scope: str, measure: str, numerator: int | None, denominator: int | None) -> Row:
    return {
        "scope": scope, "measure": measure, "base": "all", "numerator": numerator, "denominator": denominator, "unit": "per_cent",
        "window_from": date(2020, 1, 1), "window_to": date(2025, 12, 31),
    }  # fmt: skip


def test_shares_are_compared_between_centres_of_many_actors_alone() -> None:
    actors = {"oslo": 40, "bergen": 30, "alta": 12, "bodo": 25}
    counts = counts_told(rows({(scope, DECIDED[1]): number for scope, number in actors.items()}))
    held = {"oslo": 22, "bergen": 15, "alta": 6, "bodo": 2}
    table = [situation(scope, "M4", held[scope], number) for scope, number in actors.items()]
    table.append(situation(NATIONAL, "M4", sum(held.values()), sum(actors.values())))
    found = {row["scope"]: row["share_pct"] for row in measures_told(table, [], counts)}
    assert found == {NATIONAL: 42, "oslo": 55, "bergen": 50}


@given(
    st.dictionaries(st.sampled_from(SCOPES), st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2)
)
def test_never_is_one_share_alone_left_out(drawn: dict[str, tuple[int, int]]) -> None:
    shares = {scope: (min(pair), max(pair)) for scope, pair in drawn.items()}
    kept = shown_shares(shares, list(shares))
    left_out = [scope for scope, (_, whole) in shares.items() if whole and scope not in kept]
    assert not kept or len(left_out) != 1
    for part, whole in kept.values():
        assert not is_small(part)
        assert not is_small(whole - part)


def goal(measure: str, numerator: int, denominator: int | None, unit: str = "per_cent") -> Row:
    return {
        "scope": NATIONAL, "measured_period": "2025-T3", "measure": measure, "numerator": numerator, "denominator": denominator, "unit": unit,
    }  # fmt: skip


@pytest.mark.parametrize(("reduced", "is_told"), [(10, True), (3, False)])
def test_parts_of_one_whole_are_told_together(reduced: int, is_told: bool) -> None:
    counts = counts_told(rows({("oslo", DECIDED[0]): 30}))
    goals = [
        goal("B1_capacity_reduced", reduced, 30), goal("B1_capacity_unchanged", 20, 30),
        goal("B1_capacity_increased", 10 - reduced, 30), goal("B1_key_actors", 30, None, "persons"),
    ]  # fmt: skip
    found = {row["measure"]: row["at_least"] for row in measures_told([], goals, counts)}
    assert found.pop("B1_key_actors") == 30
    assert set(found.values()) == ({10, 20, 0} if is_told else {None})


def test_key_actors_are_counted_as_in_the_table_of_centres() -> None:
    counts = counts_told(rows({("oslo", DECIDED[0]): 30, ("bergen", DECIDED[0]): 3}))
    found = list(
        measures_told(
            [], [goal("B1_key_actors", 33, None, "persons"), goal("B1_capacity_reduced", 11, 33)], counts
        )
    )
    assert [(row["measure"], row["at_least"], row["at_most"]) for row in found] == [
        ("B1_capacity_reduced", None, None),
        ("B1_key_actors", 31, 34),
    ]


@pytest.mark.parametrize(
    ("now", "on_cut_off", "shown"),
    [
        ({"oslo": 30}, 28, (28, 28)),
        ({"oslo": 30}, 3, (1, 4)),
        ({"oslo": 30}, 0, (0, 0)),
        ({"oslo": 30, "bergen": 3}, 32, (31, 34)),
        ({"oslo": 30, "bergen": 3}, 28, (28, 34)),
        ({"oslo": 3}, 0, (0, 4)),
    ],
)
def test_key_actors_are_those_of_the_cut_off_date(
    now: dict[str, int], on_cut_off: int, shown: tuple[int, int]
) -> None:
    """Who was given the status after it, or lost it, is otherwise in the table of centres."""
    counts = counts_told(rows({(scope, DECIDED[0]): number for scope, number in now.items()}))
    (found,) = measures_told([], [goal("B1_key_actors", on_cut_off, None, "persons")], counts)
    assert (found["at_least"], found["at_most"]) == shown


@pytest.mark.parametrize(
    ("measure", "unit", "shown"),
    [
        ("B2_informed", "persons", (1, 4)), ("B2_informed_centres", "centres", (2, 2)), ("B3_informed", "principals", (1, 4)),
        ("R_benefit_changes", "cases", (1, 4)), ("R_police_reports", "reports", (1, 4)), ("R_detection_controls", "controls", (1, 4)),
        ("R_inspections", "inspections", (2, 2)),
    ],
)  # fmt: skip
def test_few_are_hidden_of_whatever_may_be_about_one_person(
    measure: str, unit: str, shown: tuple[int, int]
) -> None:
    (found,) = measures_told([], [goal(measure, 2, None, unit)], counts_told([]))
    assert (found["at_least"], found["at_most"]) == shown


@pytest.mark.parametrize(("cases", "shown"), [(0, (0, 0)), (4, (1, 4)), (5, (5, 5))])
def test_few_cases_of_the_situation_are_hidden_though_many_actors_are_told(
    cases: int, shown: tuple[int, int]
) -> None:
    counts = counts_told(rows({("oslo", DECIDED[0]): 30}))
    (found,) = measures_told([situation(NATIONAL, "M7", cases, 40)], [], counts)
    assert (found["at_least"], found["at_most"]) == shown


@pytest.mark.parametrize(("measure", "whole"), [("M4", 40), ("M6", None), ("M7", None)])
def test_what_was_not_counted_is_not_told(measure: str, whole: int | None) -> None:
    counts = counts_told(rows({("oslo", DECIDED[0]): 40}))
    uncounted = [situation(scope, measure, None, whole) for scope in (NATIONAL, "oslo")]
    (found,) = measures_told(uncounted, [], counts)
    assert (found["at_least"], found["at_most"], found["share_pct"]) == (None, None, None)


def test_a_group_of_few_takes_the_ratios_of_its_characteristic_with_it() -> None:
    def group(characteristic: str, subgroup: str, persons: int, assessed: int) -> Row:
        return {
            "characteristic": characteristic, "subgroup": subgroup, "person_count": persons, "assessed_count": assessed,
            "ratio_to_all": "1.26", "missed_links_pct": None, "wrong_links_pct": None,
        }  # fmt: skip

    found = fairness_told(
        [group("all", "all", 900, 50), group("number_kind", "d_number", 100, 4), group("number_kind", "fodselsnummer", 800, 46),
         group("name_frequency", "common", 450, 25), group("name_frequency", "rare", 450, 25)]
    )  # fmt: skip
    assert {(row["characteristic"], row["subgroup"]): row["ratio_to_all"] for row in found} == {
        ("number_kind", "d_number"): None, ("number_kind", "fodselsnummer"): None,
        ("name_frequency", "common"): 1.3, ("name_frequency", "rare"): 1.3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pointed", "looked", "is_told"),
    [
        ((40, 10), (300, 12), True),
        ((40, 3), (300, 12), False),
        ((40, 10), (300, 3), False),
        ((19, 9), (300, 12), False),
    ],
)
def test_what_came_of_a_rule_is_told_of_both_groups_or_of_none(
    pointed: tuple[int, int], looked: tuple[int, int], is_told: bool
) -> None:
    def group(compared: str, persons: int, happened: int) -> Row:
        return {
            "months": 12, "base_release_id": "2024-T3.1", "subject": "rule", "code": "phoenix", "outcome": "convicted",
            "compared": compared, "characteristic": "all", "person_count": persons, "outcome_count": happened,
            "share_pct": 1.0, "low_pct": 0.0, "high_pct": 2.0,
        }  # fmt: skip

    assert bool(list(efficacy_told([group("pointed_at", *pointed), group("looked_at", *looked)]))) == is_told


def test_every_status_is_counted() -> None:
    assert {code for _, code in (*DECIDED, DISMISSALS)} == set(statuses())
