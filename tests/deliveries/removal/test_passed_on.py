"""Which rows under a key are of whom an agency had given it to before, and what belonged to them then."""

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from akrim.contracts import load_contracts
from akrim.deliveries.erasing import erase_rows
from akrim.deliveries.removal.held_keys import keys_of
from akrim.deliveries.removal.passed_on import formers, person_numbers, rows_before, rows_moved

from tests.assessment.project import land
from tests.deliveries.building import person_number

BIRTH, OTHER_BIRTH = date(1975, 5, 6), date(1982, 3, 4)
HERS, HIS = person_number(0, birth=BIRTH), person_number(0, birth=OTHER_BIRTH)
HER_D_NUMBER = person_number(0, birth=BIRTH, is_d_number=True)
THEN = {"ident": HERS, "navn": "SLETTMARK, SOLVEIG", "fodselsdato": str(BIRTH)}
NOW = {"ident": HIS, "navn": "OVERTATT, OLE", "fodselsdato": str(OTHER_BIRTH)}
NAV = load_contracts()["nav"]
DELIVERED = """
insert into meta.deliveries (delivery_id, agency, period, mode, delivered_at, status, manifest_sha256, manifest, folder, folder_fingerprint)
values (%s, 'nav', '2025-T3', 'full', %s, 'accepted', '', '{}', '', '')
"""


def deliver(connection: psycopg.Connection, *rows: dict[str, Any]) -> None:
    """The key K as it came from time to time, each with a case of its own."""
    for number, row in enumerate(rows, start=1):
        delivery_id = f"nav-2025-T3-{number:02d}"
        connection.execute(DELIVERED, [delivery_id, date(2026, 1, number)])
        land(connection, delivery_id, "personer", [{"nav_id": "K"} | row] if row else [])
        land(connection, delivery_id, "saker", [{"sak_id": f"case-{number}", "nav_id": "K"}])


@pytest.mark.parametrize(
    ("then", "now", "is_anothers"),
    [
        (THEN, NOW, True),
        (THEN, THEN | {"navn": "SLETTMARK, SOL"}, False),
        (THEN | {"ident": HER_D_NUMBER, "navn": "SLETTMARK, SOL"}, THEN, False),
        # a birth date that was wrong, and so the number
        (THEN, NOW | {"navn": "SLETTMARK, SOLVEIG"}, False),
        (THEN, NOW | {"fodselsdato": str(BIRTH)}, False),
        (THEN | {"ident": None}, NOW, False),
        (THEN | {"ident": "12345678901"}, NOW, False),
        (THEN | {"fodselsdato": None}, NOW, False),
    ],
)
def test_a_key_was_anothers_where_number_birth_date_and_name_are_others(
    warehouse: str, then: dict[str, Any], now: dict[str, Any], is_anothers: bool
) -> None:
    with psycopg.connect(warehouse) as connection:
        deliver(connection, then, now, now | {"ident": None})
        assert formers(connection, NAV.extract("personer"), ["K"]) == (
            {("K", HERS)} if is_anothers else set()
        )
        assert (HERS in person_numbers(connection, [("nav", "personer", "K")])) is (
            not is_anothers and HERS in (then["ident"], now["ident"])
        )


def test_what_belonged_to_her_is_hers_and_not_of_whoever_has_the_key_now(warehouse: str) -> None:
    """The second delivery, such as a delta, had no row of the key itself; the third none with a number."""
    with psycopg.connect(warehouse) as connection:
        deliver(connection, THEN, {}, THEN | {"ident": None}, NOW)
        land(connection, "nav-2025-T3-01", "nominasjoner", [{"nominasjon_id": "n", "orgnr": "212345675"}])
        kept = keys_of(connection, "nav", [("nav", "personer", "K")])
        held = keys_of(connection, "nav", [("nav", "personer", "K")], ever=True)
        connection.execute(DELIVERED, ["nav-2025-T3-05", date(2026, 1, 5)])
        land(connection, "nav-2025-T3-05", "personer", [{"nav_id": "HERS"} | THEN, {"nav_id": "K"} | NOW])
        moved = rows_moved(connection, [("nav", "personer", "HERS")])
    assert kept["saker"] == {"case-4"}
    assert held["saker"] == {"case-1", "case-2", "case-3", "case-4"}
    assert moved == {
        ("nav", "personer"): {("K", "nav-2025-T3-01")},
        ("nav", "saker"): {(f"case-{number}", f"nav-2025-T3-0{number}") for number in (1, 2, 3)},
        ("nav", "lonnsgaranti"): set(),
        ("nav", "nominasjoner"): set(),
    }


@pytest.mark.parametrize("number", [HERS, None])
def test_what_came_under_her_only_key_is_hers_by_the_deliveries_in_which_it_was(
    warehouse: str, number: str | None
) -> None:
    """The case stands under the key still, and is of whoever has it now."""
    with psycopg.connect(warehouse) as connection:
        deliver(connection, THEN | {"ident": number}, NOW)
        connection.execute("update landing.nav_saker set sak_id = 'case'")
        before = [
            ("nav", "personer", "K", ["nav-2025-T3-01"], datetime.now(UTC)),
            ("toll", "personer", "K", [], datetime.now(UTC)),
        ]
        lying = rows_before(connection, before)
        moved = rows_moved(connection, [], before)
        numbers = person_numbers(connection, [], before)
        erase_rows(connection, [], ["P1"], before)
        left = connection.execute(
            "select p.navn, s.sak_id from landing.nav_personer p join landing.nav_saker s using (delivery_id)"
        ).fetchall()
    hers = {("nav", "personer"): {("K", "nav-2025-T3-01")}, ("nav", "saker"): {("case", "nav-2025-T3-01")}}
    assert {of: rows for of, rows in lying.items() if rows} == hers
    assert {of: rows for of, rows in moved.items() if rows} == hers
    assert numbers == ([number] if number else [])
    assert left == [("OVERTATT, OLE", "case")]
