"""What a cause changed: the same facts in every language, and a sentence of them in each."""

from typing import Any

import pytest
from akrim.changes import detail
from akrim.changes.effects import Effect
from akrim.changes.lines import Line
from akrim.changes.wording import facts, in_words
from akrim.texts import LANGUAGES, LANGUAGES_OF_MARTS, labels, texts


def line(points: dict[str, int], rank: int | None = 3, proposed: str | None = None) -> Line:
    return Line("oslo", "p", rank, proposed, None, points)


def caused(cause: str, before: Line | None, after: Line | None) -> dict[str, Any]:
    ranks = {"rank_before": before and before.rank, "rank_after": after and after.rank}
    return {"cause": cause, **ranks, **facts(Effect(cause, before, after))}


ROSE = caused(
    "source",
    line({"bankruptcy": 10, "convicted": 20}),
    line({"serial_bankruptcy": 15, "convicted": 20}, 2, "trusselaktor"),
)


def test_the_facts_are_points_by_rule_the_most_first_and_statuses() -> None:
    assert ROSE["rules"] == [
        {"indicator_code": "serial_bankruptcy", "points": 15},
        {"indicator_code": "bankruptcy", "points": -10},
    ]
    assert ROSE["proposed_status"] == {"before": None, "after": "trusselaktor"}
    assert "status" not in ROSE
    assert "membership" not in ROSE


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_names_rules_and_statuses_in_its_language(language: str) -> None:
    said, named = detail(ROSE, language), labels(language)
    quoted = texts(language, "language")["quoted"]
    assert f"{quoted.format(named['rule', 'serial_bankruptcy'])} +15" in said
    assert f"{quoted.format(named['rule', 'bankruptcy'])} −10" in said
    assert named["status", "trusselaktor"].lower() in said


@pytest.mark.parametrize(
    ("cause", "after", "is_told"),
    [
        ("source", line({"convicted": 20}), True),
        ("source", None, False),  # gone from the area: nothing of hers was checked for the centre
        ("rule", line({"convicted": 20}), False),
    ],
)
def test_of_a_rule_that_could_not_be_checked_any_more_it_is_said_that_it_was_not(
    cause: str, after: Line | None, is_told: bool
) -> None:
    before = line({"bankruptcy": 10, "convicted": 20})
    told = facts(Effect(cause, before, after), {"bankruptcy", "convicted", "phoenix"})
    unchecked = [rule["indicator_code"] for rule in told["rules"] if rule.get("checked") == "unavailable"]
    assert unchecked == (["bankruptcy"] if is_told else [])
    said = in_words({"cause": cause, "rank_before": 3, "rank_after": 3, **told})
    assert (" −10 (ikke vurdert denne gangen)" in said["detail_nb"]) == is_told
    assert (" −10 (not checked this time)" in said["detail_en"]) == is_told


@pytest.mark.parametrize(
    ("cause", "before", "is_told"),
    [
        ("source", line({"convicted": 20}), True),
        ("source", None, False),  # come into the area: nothing of hers was checked for the centre
        ("rule", line({"convicted": 20}), False),
    ],
)
def test_of_a_rule_that_can_be_checked_again_it_is_said_that_it_was_not(
    cause: str, before: Line | None, is_told: bool
) -> None:
    after = line({"bankruptcy": 10, "convicted": 15})
    told = facts(Effect(cause, before, after), (), {"bankruptcy", "convicted"})
    unchecked = [rule["indicator_code"] for rule in told["rules"] if "checked_before" in rule]
    assert unchecked == (["bankruptcy"] if is_told else [])
    said = in_words({"cause": cause, "rank_before": 3, "rank_after": 3, **told})
    assert (" +10 (ikke vurdert forrige gang)" in said["detail_nb"]) == is_told
    assert (" +10 (not checked the time before)" in said["detail_en"]) == is_told


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        ("linkage", "Poster er koblet på en annen måte."),
        ("link_decision", "En saksbehandler har avgjort en kobling."),
    ],
)
def test_who_comes_and_goes_is_told_unless_records_were_joined_otherwise(cause: str, told: str) -> None:
    arrives, goes = caused("source", None, line({})), caused("source", line({}), None)
    joined = caused(cause, None, line({}))
    assert [cause["membership"] for cause in (arrives, goes, joined)] == ["arrives", "goes", "arrives"]
    assert "proposed_status" not in caused("source", None, line({}, 1, "trusselaktor")), "nobody had another"
    assert detail(arrives, "nn") == "høyrer no til personane i senteret"
    assert detail(goes, "nn") == "høyrer ikkje lenger til personane i senteret"
    assert detail(joined, "nn") == ""
    assert in_words(joined)["detail_nb"] == told


def test_a_place_lost_to_others_is_told_as_that() -> None:
    moved = caused("source", line({"convicted": 20}, 3), line({"convicted": 20}, 5))
    assert detail(moved, "nb") == "plass 3 → 5 fordi listen ellers er endret"


def test_what_is_published_is_said_in_the_languages_of_the_marts_alone() -> None:
    assert in_words(ROSE).keys() == {f"detail_{language}" for language in LANGUAGES_OF_MARTS}
    assert (
        in_words(ROSE)["detail_nb"]
        == "Endrede opplysninger: «Gjentatte konkurser» +15; «Konkurs» −10; foreslått status ingen → trusselaktør."
    )


def test_a_cause_recorded_before_there_were_facts_has_no_detail_and_is_no_error() -> None:
    old = {"cause": "source", "rank_before": 2, "rank_after": 1, "detail_nb": "Nye opplysninger: noe."}
    assert detail(old, "nn") == ""
