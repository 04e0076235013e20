"""A release's profile counted by hand, and how it differs from another's."""

import duckdb
import pytest
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.quality.drift import (
    NO_BASE,
    NO_PROFILE,
    NOTHING_HELD_OUT,
    Drift,
    Profile,
    compare,
    compare_with_release,
    profile,
)

RULES = [{"blocking_rule": rule} for rule in ("name", "phone", "street")]
MODEL = LinkageModel("m", {}, {"blocking_rules_to_generate_predictions": RULES}, {}, ())
# Of ten held-out records the best weight with their own unit, if there is one, and the rule that found it first.
HELD_OUT = [
    (None, None), (-99, 0), (-10, 0), (-0.1, 0), (0, 1), (4.9, 0), (5, 0), (39.9, 1), (40, 0), (99, 1),
]  # fmt: skip


def test_a_profile_has_the_shares_of_the_held_out() -> None:
    with duckdb.connect() as con:
        con.execute("create table held_out (best_weight double, rule int)")
        con.executemany("insert into held_out values (?, ?)", HELD_OUT)
        con.execute("create table blind_scored as select unnest([0, 0, 0, 2]) as rule from range(6)")
        assert profile(con, MODEL) == {
            "match_weight": {
                "not found": 0.1, "-10 to -5": 0.2, "-5 to 0": 0.1, "0 to 5": 0.2, "5 to 10": 0.1, "35 to 40": 0.1,
                "40 to 45": 0.2,
            },
            "found_by": {"name": 0.6, "phone": 0.3, "street": 0.0, "not found": 0.1},
            "pairs_per_record": {"name": 1.8, "phone": 0.0, "street": 0.6},
        }  # fmt: skip


THEN: Profile = {
    "match_weight": {"0 to 5": 0.9, "5 to 10": 0.1},
    "found_by": {"name": 1.0},
    "pairs_per_record": {"name": 2.0, "phone": 0.0, "gone": 1.0},
}
NOW: Profile = {
    "match_weight": {"0 to 5": 0.5, "5 to 10": 0.5},
    "found_by": {"name": 1.0},
    "pairs_per_record": {"name": 8.0, "phone": 1.0},
}


def test_a_release_is_compared_with_the_training() -> None:
    assert compare(THEN, NOW) == [
        Drift("match_weight", "all", None, None, 0.87889, ""),
        Drift("match_weight", "0 to 5", 0.9, 0.5, None, ""),
        Drift("match_weight", "5 to 10", 0.1, 0.5, None, ""),
        Drift("found_by", "all", None, None, 0, ""),
        Drift("found_by", "name", 1.0, 1.0, None, ""),
        Drift("pairs_per_record", "name", 2.0, 8.0, 2.0, ""),
        Drift("pairs_per_record", "phone", 0.0, 1.0, None, ""),
        Drift("pairs_per_record", "gone", 1.0, None, None, ""),
    ]


@pytest.mark.parametrize(
    ("base", "actual", "drifts", "note"),
    [
        (THEN, NOW, [0.87889, 0], ""),
        (None, NOW, [None, None], NO_BASE),
        ({}, NOW, [None, None], NO_BASE),
        (THEN, {}, [None, None], NOTHING_HELD_OUT),
    ],
)
def test_a_release_is_compared_with_the_one_before(
    base: Profile | None, actual: Profile, drifts: list[float | None], note: str
) -> None:
    assert compare_with_release(base, actual) == [
        Drift(f"{measure}_since_base", "all", None, None, drift, note)
        for measure, drift in zip(("match_weight", "found_by"), drifts, strict=True)
    ]


@pytest.mark.parametrize(("then", "now", "note"), [({}, NOW, NO_PROFILE), (THEN, {}, NOTHING_HELD_OUT)])
def test_what_cannot_be_compared_is_said(then: Profile, now: Profile, note: str) -> None:
    rows = [row for row in compare(then, now) if row.item == "all" or row.measure == "pairs_per_record"]
    assert {(row.drift, row.note) for row in rows} == {(None, note)}
