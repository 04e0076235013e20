"""What pairs and levels are made of: what saves work leaves out nothing that would count, and a slip leaves evidence."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import product

import duckdb
import pyarrow as pa
import pytest
from akrim.linkage.engine import open_engine
from akrim.linkage.matching.existing_persons import start_empty
from akrim.linkage.model.blocking_rules import BLOCKING_RULES, BROAD_BLOCKING_RULES, broad_condition
from akrim.linkage.model.comparisons import (
    BIRTH_DATE,
    COMPARISONS,
    DIFFERENT,
    ONE_TYPING_ERROR,
    level_in_words,
)
from akrim.linkage.pipeline import prepare
from akrim.linkage.records.descriptions import COMPARED_COLUMNS, describe
from akrim.linkage.records.standardise import LONGEST_COMPARED
from akrim.linkage.training.household import GRADES
from akrim.texts import LANGUAGES

OLA = {"given_name": "Ola", "family_name": "Nordmann", "birth_date": date(1980, 4, 17), "postcode": "0180"}


def rules_that_pair(one: dict[str, object], other: dict[str, object], broad: bool = False) -> set[str]:
    """The names of the rules under which two records are looked at."""
    conditions = BLOCKING_RULES
    if broad:
        conditions = {name: broad_condition(parts) for name, parts in BROAD_BLOCKING_RULES.items()}
    with described(one, other) as con:
        return {name for name, condition in conditions.items() if _pairs(con, condition)}


@contextmanager
def described(one: dict[str, object], other: dict[str, object]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the `descriptions` of two records."""
    records = [{"source": "nav", "source_record_id": key, **each} for key, each in (("1", one), ("2", other))]
    with open_engine() as con:
        con.from_arrow(pa.Table.from_pylist(records)).create("records")
        start_empty(con)
        prepare(con)
        describe(con)
        yield con


def level_of_birth_dates(one: str, other: str) -> str:
    """The level at which two birth dates agree, as they are written."""
    cases = " ".join(
        f"when {level.condition} then '{level.label}'" for level in BIRTH_DATE if level != DIFFERENT
    )
    sides = ", ".join(f"{side}.{column} as {column}_{side}" for side in "lr" for column in COMPARED_COLUMNS)
    with described(OLA | {"birth_date": one}, OLA | {"given_name": "Kari", "birth_date": other}) as con:
        row = con.execute(
            f"select case {cases} else '{DIFFERENT.label}' end from (select {sides}"
            " from descriptions l join descriptions r on l.given = 'ola' and r.given = 'kari')"
        ).fetchall()[0]
    return str(row[0])


def _pairs(con: duckdb.DuckDBPyConnection, condition: str) -> bool:
    rows = con.execute(
        f"select 1 from descriptions l join descriptions r on {condition} where l.description_id < r.description_id"
    ).fetchall()
    return bool(rows)


def test_no_typing_error_is_missed_by_looking_at_the_ends_first() -> None:
    words = ["".join(letters) for length in (3, 4, 5) for letters in product("abc", repeat=length)]
    with duckdb.connect() as con:
        con.from_arrow(pa.table({"word": words})).create("words")
        missed = con.execute(
            "select l.word, r.word from words l join words r on damerau_levenshtein(l.word, r.word) = 1"
            f" where not ({ONE_TYPING_ERROR.format('l.word', 'r.word')})"
        ).fetchall()
    assert missed == []


def test_texts_as_long_as_a_contract_allows_are_compared_by_their_beginnings() -> None:
    """The distance of two names of a mebibyte would take more memory than any machine has, and end every assessment."""
    texts = ("identifier", "given_name", "middle_name", "family_name", "street_address", "postcode", "municipality_code", "phone")  # fmt: skip
    one, other = (dict.fromkeys(texts, "a1" * 2**19 + end) for end in "bc")
    with described(OLA | one, OLA | other) as con:
        (longest,) = con.execute("select max(length(columns(*)::varchar)) from descriptions").fetchall()
    assert max(length or 0 for length in longest) <= 2 * LONGEST_COMPARED


@pytest.mark.parametrize(
    ("born", "is_paired"),
    [
        (date(1980, 4, 2), True),
        (date(1980, 9, 17), True),
        (date(1980, 1, 1), True),
        (date(1980, 9, 2), False),
    ],
)
def test_a_name_and_a_birth_year_ask_for_a_part_more(born: date, is_paired: bool) -> None:
    rules = rules_that_pair(OLA, OLA | {"birth_date": born})
    assert ("full name and birth year" in rules) == is_paired
    assert "full name and postcode" in rules, "in one place any birth date is looked at"


@pytest.mark.parametrize(
    ("born", "is_paired"),
    [(None, True), (date(1980, 9, 2), True), (date(1991, 4, 17), True), (date(1991, 9, 2), False)],
)
def test_a_name_and_a_postcode_ask_for_a_birth_date_that_may_agree(
    born: date | None, is_paired: bool
) -> None:
    rules = rules_that_pair(OLA, OLA | {"family_name": "Nilsen", "birth_date": born})
    assert ("given name and postcode" in rules) == is_paired


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ({"phone": "22104455"}, {"phone": "22104965"}, "start of phone"),
        ({"phone": "22104455"}, {"phone": "32014455"}, "end of phone"),
        ({}, {"given_name": "olga", "family_name": "norbmamn"}, "starts of names"),
        ({}, {"given_name": "ols", "family_name": "nprdmann"}, "end of family name, start of given name"),
        ({}, {"given_name": "pla", "family_name": "nordnanm"}, "start of family name, end of given name"),
        ({}, {"given_name": "pla", "family_name": "nrodnanm", "birth_date": date(1908, 4, 17)}, "birth day and start of family name"),
    ],
)  # fmt: skip
def test_an_error_in_every_field_leaves_a_part_to_find_it_by(
    one: dict[str, object], other: dict[str, object], rule: str
) -> None:
    assert rule in rules_that_pair(OLA | one, OLA | other, broad=True)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1980-04-17", "19800417", "equal"),
        ("1980-04-07", "04.07.1980", "day_and_month_swapped"),
        ("1980-04-17", "1980-04-87", "one_slip"),
        ("1980-04-17", "19800447", "one_slip"),
        ("1980-04-17", "47.04.1980", "one_slip"),
        ("17/04/1980", "17-04-1980", "equal"),
        ("1980-14-17", "1980-14-17", "equal"),
        ("1980-04-17", "1980-44-71", "same_year"),
        ("1980-01-01", "1980-81-01", "year_alone_on_1_january"),
        ("1980-04-17", "1979-14-71", "different"),
        ("1980-04-17", "spring 1980", "unknown"),
    ],
)
def test_a_date_that_no_calendar_has_is_compared_by_its_digits(one: str, other: str, level: str) -> None:
    assert level_of_birth_dates(one, other) == level


def test_a_date_that_no_calendar_has_still_finds_the_pair() -> None:
    rules = rules_that_pair(OLA | {"birth_date": "1980-04-17"}, OLA | {"birth_date": "1980-04-87"})
    assert "full name and birth year" in rules


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_level_has_words(language: str) -> None:
    """Of a shared household in every combination of what two records can share."""
    grades = (("", *(grade.name for grade in found)) for found in GRADES.values())
    shared = {f"shared_{'_and_'.join(filter(None, cell))}" for cell in product(*grades) if any(cell)}
    labels = shared | {level.label for levels in COMPARISONS.values() for level in levels}
    assert all(level_in_words(label, language) for label in labels)


def test_what_a_household_shares_is_listed() -> None:
    told = level_in_words("shared_like_name_and_place_and_phone", "en")
    assert told == "they share similar family name, place and phone, as households do"
