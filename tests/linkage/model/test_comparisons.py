"""The definitions that save work: they leave out pairs and edit distances, and nothing that would count."""

from datetime import date
from itertools import product

import duckdb
import pyarrow as pa
import pytest
from akrim.linkage.engine import open_engine
from akrim.linkage.matching.blocking import broad_condition
from akrim.linkage.model.blocking_rules import BLOCKING_RULES, BROAD_BLOCKING_RULES
from akrim.linkage.model.comparisons import ONE_TYPING_ERROR
from akrim.linkage.pipeline import prepare
from akrim.linkage.records.descriptions import describe

OLA = {"given_name": "Ola", "family_name": "Nordmann", "birth_date": date(1980, 4, 17), "postcode": "0180"}


def rules_that_pair(one: dict[str, object], other: dict[str, object], broad: bool = False) -> set[str]:
    """The names of the rules under which two records are looked at."""
    conditions = BLOCKING_RULES
    if broad:
        conditions = {name: broad_condition(parts) for name, parts in BROAD_BLOCKING_RULES.items()}
    records = [{"source": "nav", "source_record_id": key, **each} for key, each in (("1", one), ("2", other))]
    with open_engine() as con:
        con.from_arrow(pa.Table.from_pylist(records)).create("records")
        prepare(con)
        describe(con)
        return {name for name, condition in conditions.items() if _pairs(con, condition)}


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
