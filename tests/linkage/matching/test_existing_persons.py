"""Which existing persons are settled, and so kept together without being weighed anew."""

import duckdb
import pytest
from akrim.linkage.matching.existing_persons import (
    find_existing_units,
    find_holders_before,
    follow_numbers,
    start_empty,
)

# Each record's person and unit: P has three units, Q one.
PERSONS = {"nav/1": "P", "nav/2": "P", "nav/3": "P", "brreg/1": "Q"}
UNITS = {"nav/1": 1, "nav/2": 2, "nav/3": 3, "brreg/1": 4}


def settled(con: duckdb.DuckDBPyConnection, change: str = "", may_settle: bool = True) -> dict[str, bool]:
    """Whether each person is settled after a change of the tables."""
    start_empty(con)
    con.execute(
        "create or replace table described (record_key varchar, content_digest varchar, unit_id bigint)"
    )
    for key, person in PERSONS.items():
        source, record_id = key.split("/")
        con.execute(
            "insert into existing_memberships (source, source_record_id, content_digest, person_id, is_current)"
            " values (?, ?, 'as it was', ?, true)",
            [source, record_id, person],
        )
        con.table("described").insert([key, "as it was", UNITS[key]])
    con.execute(change)
    find_existing_units(con, may_settle)
    return dict(
        con.execute("select person_id, bool_and(is_settled) from existing_units group by all").fetchall()
    )


UNSETTLING = {
    "a record of hers says something else": "update described set content_digest = 'other' where record_key = 'nav/2'",
    "a record of hers is gone": "delete from described where record_key = 'nav/2'",
    "a clerk decided on a record of hers": "insert into decisions values ('nav/2', 'tax/9', 'different', 1, null)",
    "a clerk decided on another and a record of hers": "insert into decisions values ('tax/9', 'nav/2', 'same', 1, null)",
    "a record of hers is parked": "insert into parked_records values ('nav/2')",
    "a new record has a number of hers": "insert into described values ('tax/9', 'new', 2)",
}


@pytest.mark.parametrize("change", UNSETTLING.values(), ids=UNSETTLING)
def test_a_person_is_settled_until(change: str) -> None:
    with duckdb.connect() as con:
        assert settled(con) == {"P": True, "Q": True}
        assert settled(con, change) == {"P": False, "Q": True}


def test_neither_of_two_persons_with_one_number_now_is_settled() -> None:
    """Nor does the number's unit belong to either."""
    with duckdb.connect() as con:
        assert settled(con, "update described set unit_id = 3 where unit_id = 4") == {"P": False}
        assert con.execute("select unit_id from existing_units order by 1").fetchall() == [(1,), (2,)]


def test_one_number_of_several_records_is_of_their_person() -> None:
    with duckdb.connect() as con:
        assert settled(con, "update described set unit_id = 2 where unit_id = 3") == {"P": True, "Q": True}
        units = con.execute("select unit_id, person_id from existing_units order by 1").fetchall()
        assert units == [(1, "P"), (2, "P"), (4, "Q")]


def test_nobody_is_settled_by_another_model() -> None:
    with duckdb.connect() as con:
        assert settled(con, may_settle=False) == {"P": False, "Q": False}


def test_a_record_that_was_somebodys_once_settles_nothing() -> None:
    """It comes back into a unit of somebody else as a new one would."""
    with duckdb.connect() as con:
        came_back = "update existing_memberships set is_current = false where person_id = 'Q'"
        assert settled(con, came_back) == {"P": True}
        came_back += "; update described set unit_id = 2 where unit_id = 4"
        assert settled(con, came_back) == {"P": False}


VERDICTS: dict[str, tuple[tuple[str, str, str], list[tuple[object, ...]]]] = {
    "they are one": (("nav/2", "brreg/1", "same"), [(2, 4, "same")]),
    "they are two, the later unit first": (("brreg/1", "nav/2", "different"), [(2, 4, "different")]),
    "two of one unit are two": (("nav/1", "nav/0", "different"), [(1, 1, "different")]),
    "it is unsure": (("nav/2", "brreg/1", "unsure"), []),
    "one of them is gone": (("nav/2", "tax/9", "same"), []),
    "the other is gone": (("tax/9", "nav/2", "same"), []),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_verdict_on_two_records_is_one_on_their_units(name: str) -> None:
    (left, right, verdict), expected = VERDICTS[name]
    with duckdb.connect() as con:
        said = f"insert into decisions values ('{left}', '{right}', '{verdict}', 1, null)"
        settled(con, f"{said}; insert into described values ('nav/0', 'as it was', 1)")
        assert con.execute("from decided_units").fetchall() == [(*row, left, right) for row in expected]


SLETT, OVERTATT = "1 aa bb cc", "2 dd ee ff"
KEYS = {
    "as it was": ({"nav/K": SLETT}, {"nav/K": "P"}),
    "somebody else's": ({"nav/K": OVERTATT}, {}),
    "somebody else's, and hers is new": ({"nav/K": OVERTATT, "nav/N": "3 aa bb cc"}, {"nav/N": "P"}),
    "each other's": ({"nav/K": OVERTATT, "nav/L": SLETT}, {"nav/K": "Q", "nav/L": "P"}),
    "both one's": ({"nav/K": OVERTATT, "nav/L": OVERTATT}, {"nav/L": "Q"}),
    "another number": ({"nav/K": "2 dd bb cc"}, {"nav/K": "P"}),
    "another number and name": ({"nav/K": "2 dd bb ff"}, {"nav/K": "P"}),
    "another number and birth date": ({"nav/K": "2 dd ee cc"}, {"nav/K": "P"}),
    "without a number": ({"nav/K": "2  ee ff"}, {"nav/K": "P"}),
    "without one before": ({"nav/U": OVERTATT}, {}),
    "without one, and hers is new": ({"nav/U": OVERTATT, "nav/N": SLETT}, {"nav/N": "P"}),
    "hers with the number": ({"nav/U": "2 aa ee ff"}, {"nav/U": "P"}),
    "by an earlier version": ({"nav/K": "2"}, {"nav/K": "P"}),
}


@pytest.mark.parametrize(("now", "claims"), KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("is_current", [True, False])
def test_a_key_that_is_somebody_elses_leads_to_nobody_and_a_number_to_whose_it_is(
    now: dict[str, str], claims: dict[str, str], is_current: bool
) -> None:
    with duckdb.connect() as con:
        start_empty(con)
        con.execute(
            "create table described (record_key varchar, content_digest varchar, unit_id bigint);"
            "create table existing_persons (record_key varchar, person_id varchar)"
        )
        for key, digest, person in (("K", SLETT, "P"), ("L", OVERTATT, "Q"), ("U", "1  bb cc", "P")):
            con.execute(
                "insert into existing_memberships (source, source_record_id, content_digest, person_id, is_current)"
                " values ('nav', ?, ?, ?, ?)",
                [key, digest, person, is_current],
            )
            con.execute("insert into existing_persons values ('nav/' || ?, ?)", [key, person])
        for unit, (key, digest) in enumerate(now.items()):
            con.execute("insert into described values (?, ?, ?)", [key, digest, unit])
        find_existing_units(con, may_settle=True)
        follow_numbers(con)
        found = con.execute("select record_key, person_id from existing_persons").fetchall()
        units = con.execute("select unit_id, person_id from existing_units").fetchall()
    assert {key: person for key, person in found if key in now} == claims
    known = {"nav/K": "P", "nav/L": "Q", "nav/U": "P"}
    stood = {
        unit: known[key] for unit, key in enumerate(now) if key in known and claims.get(key) == known[key]
    }
    assert dict(units) == (stood if is_current else {})


@pytest.mark.parametrize(
    ("before", "now", "person_now", "is_anothers"),
    [
        (SLETT, OVERTATT, "Q", True),
        ("1  bb cc", OVERTATT, "Q", True),
        (SLETT, "2  ee ff", "Q", True),
        (SLETT, OVERTATT, "P", False),
        (SLETT, "2 aa ee ff", "Q", False),
        (SLETT, "2 dd bb ff", "Q", False),
        (SLETT, "2 dd ee cc", "Q", False),
        *((SLETT, now, "Q", False) for now in ("2 dd  ff", "2 dd ee ", "2")),
        *((was, OVERTATT, "Q", False) for was in ("1 aa  cc", "1 aa bb ", "1")),
    ],
)
def test_whose_a_key_was_is_kept_where_it_is_somebody_elses(
    before: str, now: str, person_now: str, is_anothers: bool
) -> None:
    with duckdb.connect() as con:
        start_empty(con)
        con.execute(
            "insert into existing_memberships (source, extract, source_record_id, content_digest, person_id, is_current)"
            " values ('nav', 'personer', 'K', ?, 'P', true), ('nav', 'personer', 'L', 'as it was', 'P', true)",
            [before],
        )
        con.execute(
            "create table opening_memberships as select 'nav' as source, 'personer' as extract, 'K' as source_record_id,"
            " ? as content_digest, ? as person_id",
            [now, person_now],
        )
        find_holders_before(con)
        found = con.execute("from holders_before").fetchall()
    assert found == ([("nav", "personer", "K", "P")] if is_anothers else [])
