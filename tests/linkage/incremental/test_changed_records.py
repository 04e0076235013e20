"""What is standardised again after a change: with what stays, it is what all records give when they are standardised anew."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import duckdb
import pytest
from akrim.linkage.engine import open_engine
from akrim.linkage.incremental import changed_records
from akrim.linkage.incremental.changed_records import find_changed_records
from akrim.linkage.matching.existing_persons import start_empty
from akrim.linkage.pipeline import prepare

from tests.linkage.person_records import SMALL, Record, as_table, person_number, record

BORN = date(1985, 8, 24)
N1, N2 = person_number(BORN), person_number(BORN, 1)
D1, D2, D3 = (person_number(BORN, serial, d_number=True) for serial in range(3))
NUMBERS = {N1: (0, False), N2: (1, False), D1: (0, True), D2: (1, True), D3: (2, True)}


class Case(NamedTuple):
    """The records that stay, go and come; which of those that stay are standardised again; and who is told apart."""

    stay: list[Record]
    goes: list[Record]
    comes: list[Record]
    again: set[str]
    told_apart: tuple[tuple[str, str], ...] = ()


def one(key: str, given: str | None = "Odd", family: str | None = "Nilsen", **said: str | None) -> Record:
    return record("nav", key, given_name=given, family_name=family, **said)


def lodgers(count: int, **said: str | None) -> list[Record]:
    """People whose names are all others."""
    return [one(letter, f"{letter}o", "Moe", **said) for letter in "klmnprst"[:count]]


def namesakes(count: int, given: str | None = "Odd", family: str | None = "Nilsen") -> list[Record]:
    return [one(f"{n:02}", given, family) for n in range(count)]


def numbered(key: str, number: str | None, previous: str | None = None) -> Record:
    return one(key, identifier=number, previous_identifier=previous)


HOME: dict[str, str | None] = {"street_address": "Storgata 1", "postcode": "0150"}
NO_POSTCODE: dict[str, str | None] = {"street_address": "Storgata 1"}
PHONE: dict[str, str | None] = {"phone": "40000001"}
APART = one("apart", "Unn", "Haga", street_address="Storgata 1", postcode="3081", phone="40000002")
DOUBLE, LAST = one("double", family="Nilsen Bakke"), one("last", family="Bakke Nilsen")
NAMESAKES = {f"{n:02}" for n in range(29)} | {"double", "last"}
CASES = {
    "an address becomes crowded": Case([*lodgers(7, **HOME), APART], [], [one("x", **HOME)], set("klmnprs")),
    "an address was crowded": Case([*lodgers(7, **HOME), APART], [one("x", **HOME)], [], set("klmnprs")),
    "a crowded address without a postcode": Case([*lodgers(7, **NO_POSTCODE), APART], [], [one("x", **NO_POSTCODE)], set("klmnprs")),
    "one more at a crowded address": Case(lodgers(8, **HOME), [], [one("x", **HOME)], set()),
    "an address of one name more that is no other": Case(lodgers(7, **HOME), [], [one("x", "Ko", "Moe", **HOME)], set()),
    "an address is left": Case(lodgers(7, **PHONE), [one("x", **HOME)], [], set()),
    "a phone becomes shared": Case([*lodgers(3, **PHONE), APART], [], [one("x", **PHONE)], set("klm")),
    "a phone was shared": Case([*lodgers(3, **PHONE), APART], [one("x", **PHONE)], [], set("klm")),
    "one more with a shared phone": Case(lodgers(4, **PHONE), [], [one("x", **PHONE)], set()),
    "one moves to a crowded address with a shared phone": Case(lodgers(8, **HOME, **PHONE), [one("x")], [one("x", **HOME, **PHONE)], set()),
    "a name becomes common": Case([*namesakes(29), DOUBLE, LAST, APART], [], [one("x")], NAMESAKES),
    "a name was common": Case([*namesakes(29), DOUBLE, LAST, APART], [one("x")], [], NAMESAKES),
    "one of a common name moves": Case(namesakes(31), [one("x")], [one("x", **HOME)], set()),
    "a common name goes with all who had it": Case([DOUBLE, APART], namesakes(31), [], {"double"}),
    "one comes whose first family name makes a common name": Case(namesakes(31), [], [DOUBLE], set()),
    "one comes whose last family name makes a common name": Case(namesakes(31), [], [LAST], set()),
    "a given name alone is no common name": Case(namesakes(31, family=None), [], [one("x", family=None)], set()),
    "a family name alone is no common name": Case(namesakes(31, given=None), [], [one("x", given=None)], set()),
    "a number comes to others": Case([numbered("m", N1), numbered("n", N2)], [], [numbered("a", N1)], set("m")),
    "a D-number comes to others": Case([numbered("m", D1), numbered("n", D2)], [], [numbered("a", D1)], set("m")),
    "a number goes from others": Case([numbered("m", N1), numbered("n", N2)], [numbered("a", N1)], [], set("m")),
    "a number is another": Case([numbered("m", N1), numbered("n", N2)], [numbered("a", N1)], [numbered("a", N2)], set("mn")),
    "two numbers are tied": Case([numbered("m", N1), numbered("d", D1), numbered("n", N2)], [], [numbered("x", N1, D1)], set("dm")),
    "two numbers were tied": Case([numbered("m", N1), numbered("d", D1)], [numbered("x", N1, D1)], [], set("dm")),
    "a tied D-number comes": Case([numbered("m", N1, D1), numbered("d", D2)], [], [numbered("a", D1)], set("m")),
    "a tied number comes": Case([numbered("m", N1, D1), numbered("n", D1)], [], [numbered("a", N1)], set("mn")),
    "a tie ends along others": Case(
        [numbered("m", N1, D2), numbered("n", N2, D2), numbered("o", N2, D3), numbered("p", D3), numbered("q", D1)],
        [numbered("x", N1, D1)], [], set("mnopq")),
    "a record of a number at an address that becomes crowded": Case(
        [*lodgers(6, **HOME), one("h", "Vo", "Moe", **HOME, identifier=N1), numbered("c", N1)], [], [one("x", **HOME)], set("klmnprhc")),
    "a record of a D-number with a phone that becomes shared": Case(
        [*lodgers(2, **PHONE), one("h", "Vo", "Moe", **PHONE, identifier=D1), numbered("c", D1)], [], [one("x", **PHONE)], set("klhc")),
    "two of a number are told apart": Case([numbered(key, N1) for key in "abc"], [], [], set("abc"), (("a", "b"),)),
    "two of a number and the D-number before are told apart": Case([numbered("a", N1, D1), numbered("b", D1)], [], [], set("ab"), (("b", "a"),)),
    "one is told apart from one who comes": Case([numbered(key, N1) for key in "bc"], [], [numbered("a", N1)], set("bc"), (("a", "b"),)),
    "nothing": Case([numbered("a", N1), *lodgers(3, **HOME, **PHONE)], [], [], set()),
}  # fmt: skip


def apart_from_other_cases(stated: Record, number: int) -> Record:
    """The record as that case's alone: no two cases have a key, name, home, phone or person number in common."""
    syllables = f"{'klmnprst'[number // 8]}a{'klmnprst'[number % 8]}a"
    said = stated | {"source_record_id": f"{number}-{stated['source_record_id']}"}
    for name in ("given_name", "family_name"):
        if words := stated[name]:
            said[name] = " ".join(syllables + word.lower() for word in words.split())
    for name in ("identifier", "previous_identifier"):
        if stated[name]:
            serial, is_d_number = NUMBERS[str(stated[name])]
            said[name] = person_number(BORN + timedelta(days=number), serial, is_d_number)
    for name in ("street_address", "phone"):
        if stated[name]:
            said[name] = f"{stated[name]}{number:02}"
    return said


@pytest.fixture
def con(monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    monkeypatch.setattr(changed_records.store, "load_records", load)
    with open_engine(SMALL) as connection:
        start_empty(connection)
        yield connection


def load(con: duckdb.DuckDBPyConnection, digests: list[int] | None = None) -> None:
    """Load the staged records, or those of these digests."""
    chosen = "" if digests is None else "where digest in (select unnest($digests))"
    con.execute(
        f"create or replace temp table records as from staged {chosen}",
        {"digests": digests} if chosen else {},
    )


def stage(con: duckdb.DuckDBPyConnection, records: list[Record]) -> None:
    con.register("given", as_table(records))
    con.execute(
        "create or replace temp table staged as select *, (hash(g) >> 1)::bigint as digest from given g"
    )
    con.execute("create or replace temp table digests as select digest from staged")


def keep(con: duckdb.DuckDBPyConnection, records: list[Record], prefix: str) -> None:
    """Standardise all of these, and keep it under names with this prefix."""
    stage(con, records)
    load(con)
    prepare(con)
    for table in ("standard", "units"):
        con.execute(f"create or replace temp table {prefix}_{table} as from {table}")


def test_what_changed_and_what_stays_is_what_all_records_give(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed_records, "MAX_CHANGED_SHARE", 9)
    stay, goes, comes = (
        [
            apart_from_other_cases(stated, number)
            for number, case in enumerate(CASES.values())
            for stated in case[part]
        ]
        for part in range(3)
    )
    keep(con, stay + goes, "cached")
    for number, case in enumerate(CASES.values()):
        for left, right in case.told_apart:
            con.execute(
                "insert into decisions values (?, ?, 'different', 1, null)",
                [f"nav/{number}-{left}", f"nav/{number}-{right}"],
            )
    keep(con, stay + comes, "expected")
    assert find_changed_records(con, "strict")
    stayed = {f"nav/{stated['source_record_id']}" for stated in stay}
    again = stayed & {str(key) for (key,) in con.execute("from replaced").fetchall()}
    assert {
        name: {key.partition("-")[2] for key in again if key.startswith(f"nav/{number}-")}
        for number, name in enumerate(CASES)
    } == {name: case.again for name, case in CASES.items()}
    for table in ("standard", "units"):
        found = f"select * from cached_{table} anti join replaced using (record_key) union all by name from {table}"
        expected = f"select * from expected_{table}"
        for more, fewer in ((found, expected), (expected, found)):
            assert not con.execute(f"({more}) except all ({fewer})").fetchall(), table


@pytest.mark.parametrize(
    ("stay", "come", "is_less"), [(10, 3, True), (8, 0, True), (7, 0, False), (9, 3, False), (10, 5, False)]
)
def test_where_much_changed_a_full_run_is_no_slower(
    con: duckdb.DuckDBPyConnection, stay: int, come: int, is_less: bool
) -> None:
    """Of ten records some stay, and some come."""
    keep(con, namesakes(10), "cached")
    stage(con, namesakes(stay) + [one(f"x{n}") for n in range(come)])
    assert find_changed_records(con, "strict") is is_less
