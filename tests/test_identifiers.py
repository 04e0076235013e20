"""Person and organisation numbers: the tax administration's published examples, and PostgreSQL and DuckDB agree."""

import re
from datetime import date

import duckdb
import hypothesis.strategies as st
import psycopg
import pytest
from akrim.identifiers import ControlRule, control_rule, is_orgnr_sql, person_number_kind_sql
from hypothesis import HealthCheck, given, settings

from tests.deliveries.building import organisation_number, person_number

# Published by the tax administration and by NAV as examples; the only numbers of the real range in this repository.
EXAMPLES = [
    ("02013299997", "strict", "real"),
    ("02013299903", "strict", None),
    ("02013299903", "2032", "real"),
    ("30108299920", "strict", "real"),
    ("30108299939", "strict", None),
    ("30108299939", "2032", "real"),
    ("15507600333", "strict", "test"),
    ("55507608360", "strict", "test"),
    ("10915596784", "strict", "test"),
    ("10915596785", "strict", None),
    ("00913299997", "strict", None),
    ("1091559678", "strict", None),
    ("109155967840", "strict", None),
    ("1091559678A", "strict", None),
    ("", "strict", None),
    (None, "strict", None),
]


def in_duckdb(expression: str, value: str | None) -> object:
    return (
        duckdb.connect()
        .execute(f"select {expression} from (select ?::varchar as value)", [value])
        .fetchall()[0][0]
    )


def in_postgresql(address: str, expression: str, value: str | None) -> object:
    with psycopg.connect(address) as connection:
        return connection.execute(
            f"select {expression.replace(chr(37), chr(37) * 2)} from (select %s::text as value) as v".encode(),
            [value],
        ).fetchall()[0][0]


@pytest.mark.parametrize(("number", "rule", "kind"), EXAMPLES)
def test_published_examples(warehouse: str, number: str | None, rule: ControlRule, kind: str | None) -> None:
    expression = person_number_kind_sql("value", rule)
    function = {"strict": "meta.person_number_kind", "2032": "meta.person_number_kind_2032"}[rule]
    assert in_duckdb(expression, number) == kind
    assert in_postgresql(warehouse, expression, number) == kind
    assert in_postgresql(warehouse, f"{function}(value)", number) == kind


@pytest.mark.parametrize("series", [40, 65, 80])
def test_every_test_series_is_told_from_the_real_one(series: int) -> None:
    for place in range(20):
        assert in_duckdb(person_number_kind_sql("value"), person_number(place, series)) == "test"
        assert in_duckdb(person_number_kind_sql("value"), person_number(place, 0)) == "real"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 9), number=st.integers(0, 30), change=st.integers(1, 9))
def test_one_wrong_digit_is_always_found(place: int, number: int, change: int) -> None:
    right = person_number(number)
    wrong = right[:place] + str((int(right[place]) + change) % 10) + right[place + 1 :]
    assert in_duckdb(person_number_kind_sql("value"), wrong) is None


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("974760673", True),
        ("923609016", True),
        ("982463718", True),
        ("974760674", False),
        ("97476067", False),
        (None, False),
    ],
)
def test_organisation_numbers(warehouse: str, number: str | None, fits: bool) -> None:
    assert in_duckdb(is_orgnr_sql("value"), number) is fits
    assert in_postgresql(warehouse, "meta.is_orgnr(value)", number) is fits


def test_the_relaxed_rule_comes_with_2032() -> None:
    assert [control_rule(year) for year in (2031, 2032)] == ["strict", "2032"]
    assert in_duckdb(is_orgnr_sql("value"), organisation_number(7)) is True


NUMBERS = st.builds(
    person_number,
    st.integers(0, 3),
    st.sampled_from([0, 40, 65, 80]),
    st.dates(date(1940, 1, 1), date(1999, 12, 31)),
    st.booleans(),
)
WRITTEN = st.sampled_from(["{0}{1}{2}{3}{4}", "{0}{1}{2} {3}{4}", "{0}.{1}.{2}-{3}{4}", "{0} {1} {2} {3} {4}", "{0}{1}{2}\u00a0\u2013 {3}{4}"])  # fmt: skip
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["N"], exclude_characters="\0"), max_size=12)


def masked(address: str, text: str | None) -> str | None:
    with psycopg.connect(address) as connection:
        row = connection.execute("select meta.without_person_numbers(%s)", [text]).fetchone()
    return row[0] if row else None


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=WORDS, number=NUMBERS, written=WRITTEN, after=WORDS)
def test_a_person_number_in_free_text_is_masked_however_it_is_written(
    warehouse: str, before: str, number: str, written: str, after: str
) -> None:
    parts = (number[:2], number[2:4], number[4:6], number[6:9], number[9:])
    text = before + written.format(*parts) + after
    found = masked(warehouse, text)
    assert found == before + "*" * 11 + after
    assert masked(warehouse, found) == found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_other_text_stays_as_it_is(warehouse: str, text: str) -> None:
    if not re.search(r"(?:\d\D{0,3}){11}", text):
        assert masked(warehouse, text) == text


NUMBER, OTHER = person_number(0), person_number(1, series=65, is_d_number=True)
MASK = "*" * 11


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", ""),
        (f"HANSEN {NUMBER} AS", f"HANSEN {MASK} AS"),
        (f"HANSEN{NUMBER}AS", f"HANSEN{MASK}AS"),
        (f"5 {NUMBER}", f"5 {MASK}"),
        (f"2024 {NUMBER[:6]} {NUMBER[6:]}", f"2024 {MASK}"),
        (f"9{NUMBER}9", f"9{MASK}9"),
        (f"{NUMBER}{OTHER} og {OTHER}", f"{MASK}{MASK} og {MASK}"),
        (NUMBER.translate({48 + n: 0xFF10 + n for n in range(10)}), MASK),
        (f"{NUMBER[:6]} kr {NUMBER[6:]}", f"{NUMBER[:6]} kr {NUMBER[6:]}"),
        (f"{NUMBER[:8]} {NUMBER[8:]}", f"{NUMBER[:8]} {NUMBER[8:]}"),
        ("12.03.2024 kl. 15.00, 01505 Oslo", "12.03.2024 kl. 15.00, 01505 Oslo"),
        (NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)),
    ],
)
def test_texts_as_people_write_them(warehouse: str, text: str | None, expected: str | None) -> None:
    assert masked(warehouse, text) == expected


@pytest.mark.parametrize(
    ("unit", "left"),
    [
        (NUMBER, MASK),
        (f"{NUMBER[:2]}.{NUMBER[2:4]}.{NUMBER[4:6]}-{NUMBER[6:]} ", f"{MASK} "),
        ("12 ", "12 "),  # groups such as person numbers are written in, wherever one looks
    ],
)
def test_the_longest_text_that_a_contract_allows_is_masked_in_bounded_time(
    warehouse: str, unit: str, left: str
) -> None:
    times = 1024**2 // len(unit)
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "set statement_timeout = '3min'"
        )  # what looks through all of it for each sign takes hours
        row = connection.execute("select meta.without_person_numbers(%s)", [unit * times]).fetchone()
    assert row == (left * times,)
