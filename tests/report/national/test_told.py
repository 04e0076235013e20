"""The national report says which data it tells nothing of, a category as well as a whole agency."""

import pyarrow as pa
import pytest
from akrim.report.national.actors import told_of
from akrim.report.wording import Words
from akrim.rules import load_rules
from akrim.texts import LANGUAGES, Language

ALL = {one for rule in load_rules() for one in rule.origins} | {("sentrene", "decision")}
BENEFITS = ("nav", "benefit")


def said(told: set[tuple[str, str]], language: Language = "nb") -> str:
    rows = [{"agency": agency, "category": category} for agency, category in sorted(told)]
    return told_of({"national_told": pa.Table.from_pylist(rows)}, Words(language))


def test_nothing_is_said_where_all_that_rules_and_statuses_rest_on_may_be_told() -> None:
    assert said(ALL) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_category_that_may_not_be_told_is_named_though_others_of_the_agency_may(language: Language) -> None:
    words = Words(language)
    benefits = f"{words.agency('nav')}: {words.label('data_category', 'benefit')}."
    assert benefits in said(ALL - {BENEFITS}, language)


def test_an_agency_of_which_nothing_may_be_told_is_named_with_all_of_it() -> None:
    text = said({one for one in ALL if one[0] != "nav"})
    assert "Nav: " in text
    assert all(
        Words("nb").label("data_category", category) in text for agency, category in ALL if agency == "nav"
    )


def test_statuses_that_may_not_be_told_are_named() -> None:
    assert Words("nb").label("data_category", "decision") in said(ALL - {("sentrene", "decision")})


def test_where_nothing_may_be_told_of_persons_there_are_numbers_alone() -> None:
    assert said(set()) == Words("nb")("national_told_none")
