"""Whose a person number is: who borrows it, which two numbers are tied, and whom a clerk has told apart."""

from collections.abc import Iterator
from typing import NamedTuple

import duckdb
import pytest
from akrim.linkage.records.text import create_macros
from akrim.linkage.records.units import build_units

BORN = "1959-03-09"
COLUMNS = (
    "record_key varchar, given varchar, family varchar, stated_birth_date date, number_birth_date date,"
    " national_number varchar, d_number varchar, previous_d_number varchar, valid_number varchar"
)


class Stated(NamedTuple):
    """What a record states; all have the number 1 unless another is given."""

    given: str | None = "karin"
    family: str | None = "andersson"
    born: str | None = BORN
    national: str | None = "1"
    d_number: str | None = None
    previous: str | None = None
    number_born: str | None = BORN


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        create_macros(connection)
        yield connection


def units(
    con: duckdb.DuckDBPyConnection, records: dict[str, Stated], *verdicts: tuple[str, str, str]
) -> tuple[dict[str, str], set[str]]:
    """The key of each record's unit, and the records that borrow their number."""
    con.execute(f"create or replace table standard ({COLUMNS})")
    con.execute("create or replace table decisions (record_key_l text, record_key_r text, verdict text)")
    for key, r in records.items():
        valid = r.national or r.d_number
        row = [key, r.given, r.family, r.born, r.number_born if valid else None]
        con.table("standard").insert([*row, r.national, r.d_number, r.previous, valid])
    for verdict in verdicts:
        con.table("decisions").insert(verdict)
    build_units(con)
    rows = con.execute("select record_key, unit_key, is_borrowed from units").fetchall()
    of_borrowers = "select count(coalesce(identity, national_number, d_number)) from units where is_borrowed"
    assert con.execute(of_borrowers).fetchone() == (0,), "a borrowed number is no evidence"
    assert sorted(key for key, *_ in rows) == sorted(records)
    assert {is_borrowed for *_, is_borrowed in rows} <= {True, False}, "who has no number borrows none"
    return {key: unit for key, unit, _ in rows}, {key for key, _, is_borrowed in rows if is_borrowed}


OTHER, STRANGER = "1988-01-22", ("wojciech", "zalewski")
BEARS = {
    "all agrees": Stated(),
    "another name, born that day": Stated(*STRANGER),
    "another name, day and month swapped": Stated(*STRANGER, "1959-09-03"),
    "one name, another year": Stated("karin", "zalewski", "1960-03-09"),
    "one name, another month": Stated("karin", "zalewski", "1959-04-09"),
    "one name, another day": Stated("wojciech", "andersson", "1959-03-10"),
    "one name, no birth date": Stated("karin", "zalewski", None),
    "one name, of a number without a date": Stated("karin", "zalewski", OTHER, number_born=None),
    "one name in the other's place, nearly born then": Stated("zalewski", "karin", "1959-03-10"),
    "both names, born otherwise": Stated(born=OTHER),
    "the names swapped, born otherwise": Stated("andersson", "karin", OTHER),
    "it sounds alike": Stated("qarein", "andersson", OTHER),
    "it is mistyped": Stated("karin", "amdersson", OTHER),
    "a short name is mistyped": Stated("kalin", "andersson", OTHER),
    "no given name, born otherwise": Stated(None, "andersson", OTHER),
    "no name at all, born otherwise": Stated(None, None, OTHER),
}
BORROWS = {
    "another name, another year": Stated(*STRANGER, "1960-03-09"),
    "another name, no birth date": Stated(*STRANGER, None),
    "another name, of a number without a date": Stated(*STRANGER, BORN, number_born=None),
    "one name, another year and month": Stated("karin", "zalewski", "1960-04-09"),
    "one name, another year and day": Stated("karin", "zalewski", "1960-03-10"),
    "one name, another month and day": Stated("wojciech", "andersson", "1959-04-10"),
    "no given name and another family name": Stated(None, "zalewski", OTHER),
    "a short name begins otherwise": Stated("marin", "andersson", OTHER),
}


@pytest.mark.parametrize("name", BEARS | BORROWS)
def test_a_number_is_borrowed_where_too_little_agrees_with_it(
    con: duckdb.DuckDBPyConnection, name: str
) -> None:
    bearers = {"x/1": Stated(), "x/2": Stated()}
    found, borrowed = units(con, bearers | {"a/1": (BEARS | BORROWS)[name]})
    assert borrowed == ({"a/1"} if name in BORROWS else set())
    own = "a/1" if name in BEARS else "x/1"
    assert found == {"a/1": "a/1", "x/1": own, "x/2": own}


UNDATED = Stated(born=None)
BY_WHOM = {
    "one who fits outweighs two who do not": ({"a": Stated(), "b": Stated(*STRANGER, OTHER), "c": Stated(*STRANGER, OTHER)}, {"b", "c"}),
    "most who fit": ({"a": Stated(*STRANGER), "b": Stated(), "c": Stated(), "d": Stated(*STRANGER, OTHER)}, {"d"}),
    "most where nobody fits": ({"a": UNDATED, "b": Stated(*STRANGER, OTHER), "c": Stated(*STRANGER, OTHER)}, {"a"}),
    "the first of two given names": ({"a": Stated("karin", "zorn", None), "b": Stated("wojciech", "aas", None)}, {"b"}),
    "whoever has a given name": ({"a": Stated(None, None, None), "b": UNDATED, "c": Stated(*STRANGER, None)}, {"c"}),
    "whoever has a family name": ({"a": Stated("karin", None, None), "b": UNDATED, "c": Stated(*STRANGER, None)}, {"c"}),
    "each number by itself": ({"a": UNDATED, "b": Stated(*STRANGER, None, national="2")}, set()),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_WHOM)
def test_a_number_goes_by_the_name_of(con: duckdb.DuckDBPyConnection, name: str) -> None:
    records, expected = BY_WHOM[name]
    assert units(con, records)[1] == expected


TIED = Stated(previous="41")
D = Stated(national=None, d_number="41")
TIES = {
    "a number and the D-number before": ({"a": TIED, "b": D}, ["ab"]),
    "said twice": ({"a": TIED, "b": TIED, "c": D}, ["abc"]),
    "of others without a number before": ({"a": Stated(), "b": TIED, "c": D}, ["abc"]),
    "said by one without a number too": ({"a": TIED, "b": Stated(national=None, previous="41"), "c": D}, ["ac", "b"]),
    "a D-number that two claim": ({"a": TIED, "b": TIED._replace(national="2"), "c": D}, ["a", "b", "c"]),
    "a number with two before": ({"a": TIED, "b": Stated(previous="42"), "c": D}, ["ab", "c"]),
    "a D-number before another": ({"a": D._replace(d_number="42", previous="41"), "b": D}, ["a", "b"]),
    "two numbers of two each": ({"a": Stated(), "b": Stated(), "c": Stated(national="2"), "d": Stated(national="2")}, ["ab", "cd"]),
    "records without a number": ({"a": Stated(national=None, previous="41"), "b": Stated(national=None), "c": D}, ["a", "b", "c"]),
}  # fmt: skip


@pytest.mark.parametrize("name", TIES)
def test_a_tie_makes_two_numbers_one_persons(con: duckdb.DuckDBPyConnection, name: str) -> None:
    records, expected = TIES[name]
    found, borrowed = units(con, records)
    assert found == {key: group[0] for group in expected for key in group}
    of_several = (
        "select unit_key from units group by all having count(distinct (national_number, d_number)) > 1"
    )
    assert not con.execute(of_several).fetchall(), "each record has both numbers of its unit"
    assert not borrowed


LIKE, UNLIKE, BORROWER = Stated(born=None), Stated("karin", "zalewski", None), Stated(*STRANGER, OTHER)
TOLD_APART = {
    "the one whose name agrees less": ({"a": UNLIKE, "b": LIKE, "c": LIKE}, [("b", "a", "different")], {"a"}),
    "and the other way round": ({"a": UNLIKE, "b": LIKE, "c": LIKE}, [("a", "b", "different")], {"a"}),
    "of two alike the later key": ({"a": LIKE, "b": LIKE}, [("a", "b", "different")], {"b"}),
    "of two alike the later key, the other way round": ({"a": LIKE, "b": LIKE}, [("b", "a", "different")], {"b"}),
    "of two with a D-number": ({"a": D, "b": D}, [("a", "b", "different")], {"b"}),
    "the one told apart from more": ({"a": LIKE, "b": LIKE, "c": UNLIKE}, [("a", "b", "different"), ("c", "a", "different")], {"a"}),
    "each of two told apart from a third": ({"a": LIKE, "b": UNLIKE, "c": UNLIKE, "d": LIKE, "e": LIKE},
        [("a", "b", "different"), ("d", "c", "different")], {"b", "c"}),
    "not where they are one": ({"a": LIKE, "b": LIKE}, [("a", "b", "same")], set()),
    "not where it is unsure": ({"a": LIKE, "b": LIKE}, [("a", "b", "unsure")], set()),
    "not of two numbers": ({"a": LIKE, "b": LIKE._replace(national="2")}, [("a", "b", "different")], set()),
    "who borrows does not count": ({"a": LIKE, "b": UNLIKE, "c": BORROWER, "d": BORROWER, "e": LIKE},
        [("a", "b", "different"), ("a", "c", "different"), ("d", "a", "different")], {"b", "c", "d"}),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD_APART)
def test_of_two_who_were_told_apart_one_has_not_the_number(con: duckdb.DuckDBPyConnection, name: str) -> None:
    records, verdicts, expected = TOLD_APART[name]
    found, borrowed = units(con, records, *verdicts)
    assert borrowed == expected
    assert {key for key, unit in found.items() if unit == key} >= expected
