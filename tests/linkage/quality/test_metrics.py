"""A linkage's figures against the actual results, and what counts as a gap or a drift."""

import pytest
from akrim.linkage.model.file import load_model
from akrim.linkage.quality.drift import compare, compare_with_release, profile
from akrim.linkage.quality.estimators import share
from akrim.linkage.quality.held_out import hold_out
from akrim.linkage.quality.metrics import Figure, held_out_figures, recall_gaps

from tests.linkage.person_records import linked
from tests.linkage.population import next_period, population


@pytest.mark.slow
def test_withheld_numbers_foretell_what_happens_when_numbers_are_missing() -> None:
    """The interval from some records covers what becomes of others whose numbers really are taken away."""
    records = population(11, persons=400)
    with linked(records) as con:
        drawn = hold_out(con, load_model(con), "a seed")
        figures = {f.measure: f for f in held_out_figures(con) if f.subgroup == "all"}
        units = dict(
            con.execute(
                "select record_key, identity from units where identity is not null and not is_borrowed"
            ).fetchall()
        )
        seen = {row[0] for row in con.execute("select record_key from held_out").fetchall()}
        shares = profile(con, load_model(con))
    assert drawn == len(seen) > 100
    one_each: dict[str, str] = {}
    for key, identity in sorted(units.items(), reverse=True):
        if list(units.values()).count(identity) >= 2 and key not in seen:
            one_each.setdefault(identity, key)
    blind = set(one_each.values())
    stripped = [
        record | {"identifier": None}
        if f"{record['source']}/{record['source_record_id']}" in blind
        else record
        for record in records
    ]
    with linked(stripped) as con:
        clusters = dict(con.execute("select record_key, cluster_id from membership").fetchall())
    right = sum(
        any(
            clusters[key] == clusters[other]
            for other, held in units.items()
            if held == identity and other != key
        )
        for identity, key in one_each.items()
    )
    foretold = figures["recall_held_out"]
    truth = share(right, len(blind))
    assert foretold.low is not None
    assert foretold.high is not None
    assert max(foretold.low, truth.low) <= min(foretold.high, truth.high)
    assert figures["precision_held_out"].support <= drawn
    assert sum(shares["match_weight"].values()) == pytest.approx(1, abs=1e-4)
    assert sum(shares["found_by"].values()) == pytest.approx(1, abs=1e-4)
    assert {drift.drift for drift in compare(shares, shares) if drift.item == "all"} == {0}


def test_records_without_numbers_leave_the_figures_unknown() -> None:
    with linked([record | {"identifier": None} for record in population(1)]) as con:
        assert hold_out(con, load_model(con), "a seed") == 0
        assert [f.estimate for f in held_out_figures(con)] == [None] * 3
        assert profile(con, load_model(con)) == {}


def test_only_a_gap_over_a_point_between_large_subgroups_is_wide() -> None:
    def recall(subgroup: str, right: int, drawn: int) -> Figure:
        return Figure.of("recall", subgroup, share(right, drawn), "")

    figures = [recall("source/a", 990, 1000), recall("source/b", 985, 1000), recall("source/c", 1, 20)]
    (gap,) = recall_gaps(figures, "recall")
    assert (gap.subgroup, gap.estimate, gap.is_wide_gap) == ("source", 0.005, False)
    (gap,) = recall_gaps([*figures, recall("source/d", 900, 1000)], "recall")
    assert gap.is_wide_gap
    assert gap.note.startswith("source/a over source/d")


@pytest.mark.slow
def test_a_later_period_does_not_drift_and_records_without_birth_dates_do() -> None:
    records = population(21, persons=150)
    poorer = [record | {"birth_date": None, "street_address": None} for record in records]
    shown = []
    for there in (records, next_period(records, 21), poorer):
        with linked(there) as con:
            model = load_model(con)
            hold_out(con, model, "a seed")
            shown.append(profile(con, model))
    later, departed = (compare_with_release(shown[0], found)[0] for found in shown[1:])
    assert (later.measure, later.item) == ("match_weight_since_base", "all")
    assert later.drift is not None
    assert departed.drift is not None
    assert later.drift < 0.25 < departed.drift
    assert [drift.drift for drift in compare_with_release(None, shown[0])] == [None, None]


def test_a_model_without_a_profile_is_said_to_have_none() -> None:
    drifts = compare({}, {"match_weight": {"0 to 5": 1.0}, "found_by": {"phone": 1.0}})
    assert all(drift.note for drift in drifts if drift.item == "all")
