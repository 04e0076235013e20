"""Different spellings of the same name; extend names_that_meet.csv with further ones."""

import csv
from pathlib import Path

import duckdb
import pytest
from akrim.linkage.records.standardise import BIRTH_DATE
from akrim.linkage.records.text import create_macros

CASES = list(csv.DictReader((Path(__file__).parent / "names_that_meet.csv").open()))


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_macros(connection)
    return connection


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['one']} {case['other']}")
def test_spellings_of_one_name_meet(con: duckdb.DuckDBPyConnection, case: dict[str, str]) -> None:
    key = "spell(fold({}))" if case["how"] == "spell" else "sound(spell(fold({})))"
    row = con.execute(
        f"select {key.format('one')}, {key.format('other')} from (select ? as one, ? as other)",
        [case["one"], case["other"]],
    ).fetchall()[0]
    assert row[0] == row[1]


@pytest.mark.parametrize(
    ("one", "other"), [("Per", "Pål"), ("Anna", "Unni"), ("Lars", "Lasse"), ("Olsen", "Nilsen")]
)
def test_other_names_do_not_sound_alike(con: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
    row = con.execute("select sound(spell(fold(?))), sound(spell(fold(?)))", [one, other]).fetchall()[0]
    assert row[0] != row[1]


def test_a_script_other_than_latin_is_kept(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute("select spell(fold('Иван Петров'))").fetchall()[0][0] == "иван петров"


def test_a_name_of_signs_alone_is_no_name(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute("select spell(fold(' -?- '))").fetchall()[0][0] is None


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        ("1980-03-04", "1980-04-03", True),
        ("1980-03-14", "1980-03-14", True),
        ("1980-03-04", "1980-03-05", False),
    ],
)
def test_swapped_day_and_month_share_a_key(
    con: duckdb.DuckDBPyConnection, one: str, other: str, meets: bool
) -> None:
    row = con.execute("select swap_safe(?::date) = swap_safe(?::date)", [one, other]).fetchall()[0]
    assert row[0] is meets


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("'1979-02-18'", "1979-02-18"),
        ("timestamp '1979-02-18 00:00:00'", "1979-02-18"),
        ("19790218", "1979-02-18"),
        ("'18.02.1979'", "1979-02-18"),
        ("'1979-02-31'", None),
        ("'19790231'", None),
        ("1979", None),
        ("''", None),
    ],
)
def test_a_birth_date_is_read_in_the_ways_tables_write_it(
    con: duckdb.DuckDBPyConnection, written: str, read: str | None
) -> None:
    row = con.execute(f"select ({BIRTH_DATE})::varchar from (select {written} as birth_date)").fetchall()[0]
    assert row[0] == read
