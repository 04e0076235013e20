"""Records that linkage must keep apart or join; extend guards.yml with further cases."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from akrim.linkage.model.guards import GUARDS
from akrim.linkage.model.thresholds import JOIN_UNSEEN
from akrim.texts import LANGUAGES, texts

from tests.linkage.person_records import Record, linked, person_number, record

CASES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "guards.yml").read_text())


def _described(case: str, source: str, fields: dict[str, Any]) -> Record:
    described = dict(fields)
    for name, is_d_number in (("number", False), ("d_number", True), ("mistyped", False)):
        if name in described:
            born, serial = described.pop(name)
            number = person_number(born, serial, is_d_number)
            if name == "mistyped":
                right, number = number, number[:7] + number[8] + number[7] + number[9:]
                assert number != right, case
            described["identifier"] = number
    if "previous" in described:
        described["previous_identifier"] = person_number(*described.pop("previous"), d_number=True)
    written = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in described.items()
    }
    return record(source, case, **written)


# Persons who share an address or a phone with a case, and nothing else.
OTHERS = ("Ola Brekke", "Liv Dahl", "Jon Eide", "Kari Foss", "Per Gran", "Siv Hovde", "Tor Iversby", "Unn Krog", "Vidar Lunde",
    "Wera Moe", "Yngve Natvig", "Åse Opdal")  # fmt: skip


def _others(name: str, case: dict[str, Any]) -> list[Record]:
    shared = {"housemates": ("street_address", "postcode"), "callers": ("phone",)}
    return [
        record(
            "others",
            f"{name}/{kind}/{number}",
            given_name=other.split()[0],
            family_name=other.split()[1],
            birth_date=f"19{60 + number}-0{number % 9 + 1}-1{number % 9}",
            **{field: case["one"][field] for field in fields},
        )
        for kind, fields in shared.items()
        for number, other in enumerate(OTHERS[: case.get(kind, 0)])
    ]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    records = [
        _described(name, side, case[side]) for name, case in CASES.items() for side in ("one", "other")
    ]
    records += [other for name, case in CASES.items() for other in _others(name, case)]
    with linked(records) as connection:
        yield connection


@pytest.mark.parametrize("name", CASES)
def test_they_are_one_person_or_two(con: duckdb.DuckDBPyConnection, name: str) -> None:
    clusters = con.execute(
        "select count(distinct cluster_id) from membership where record_key in (?, ?)",
        [f"one/{name}", f"other/{name}"],
    ).fetchall()[0][0]
    assert (clusters == 1) is CASES[name]["same"]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "guard" in case])
def test_the_guard_that_keeps_them_apart_is_named(con: duckdb.DuckDBPyConnection, name: str) -> None:
    first = " ".join(f"when {condition} then '{guard}'" for guard, condition in GUARDS.items())
    guards = con.execute(
        f"select case {first} end from descriptions l, descriptions r where l.unit_id in"
        " (select unit_id from described where record_key = ?) and r.unit_id in"
        " (select unit_id from described where record_key = ?)",
        [f"one/{name}", f"other/{name}"],
    ).fetchall()
    assert guards == [(CASES[name]["guard"],)]


@pytest.mark.parametrize("guard", GUARDS)
def test_without_the_guard_somebody_would_be_joined(con: duckdb.DuckDBPyConnection, guard: str) -> None:
    [(heaviest,)] = con.execute(
        "select coalesce(max(unguarded_weight), 0) from pairs where guard = ?", [guard]
    ).fetchall()
    assert heaviest >= JOIN_UNSEEN


def test_every_guard_named_in_a_case_exists() -> None:
    assert {case["guard"] for case in CASES.values() if "guard" in case} <= set(GUARDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_guard_has_words(language: str) -> None:
    """Else a link that one kept apart can be neither explained nor shown to a clerk."""
    assert set(texts(language, "linkage")["guards"]) == set(GUARDS)
