"""Whose addresses an export leaves out: whoever's home is protected, assessed or not, by what was last said."""

import psycopg
import pytest
from akrim.contracts import load_contracts
from akrim.deliveries.removal import rows_about
from akrim.linkage.store import LinkedPerson
from akrim.subjects.reading import _is_protected
from akrim.subjects.sources import _delivered, _without_others

from tests.assessment.project import land
from tests.ledger.entering import enter_release
from tests.releases.tables import add, create_marts

PERSON = LinkedPerson(["P1", "P0"], [("skatteetaten", "personer", "1"), ("nav", "personer", "N1")])
FOUND = "insert into intermediate.protected_persons values ('{}')"
SAID = (
    "insert into landing.protection_statements (delivery_id, agency, extract, record_id, is_keyless, grade)"
    " values ('skatteetaten-{}-01', 'skatteetaten', 'personer', '{}', false, '{}')"
)
WAS = "insert into marts.persons (release_id, person_id, has_protected_address) values ('{}', 'P1', true)"


@pytest.mark.parametrize(
    ("statements", "is_protected"),
    [
        ([], False),
        ([FOUND.format("P1")], True),
        ([FOUND.format("P2")], False),
        ([SAID.format("2025-T3", "1", "fortrolig")], True),
        ([SAID.format("2025-T3", "2", "fortrolig")], False),
        ([SAID.format("2025-T3", "1", "fortrolig"), SAID.format("2026-T1", "1", "ugradert")], False),
        (["drop table intermediate.protected_persons"], True),
        ([WAS.format("2026-T1.1")], True),
        ([WAS.format("2025-T3.1")], False),
    ],
    ids=[
        "nobody",
        "found",
        "another found",
        "said",
        "said of another",
        "lifted since",
        "nothing assessed",
        "in the newest release",
        "in an earlier release",
    ],
)
def test_an_address_is_left_out_of_whoever_is_protected(
    warehouse: str, statements: list[str], is_protected: bool
) -> None:
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "persons")
        # Nobody who is on no list and leads nothing is in the marts.
        add(connection, "persons", release_id="2026-T1.1", person_id="P9", has_protected_address=True)
        connection.execute("create table if not exists intermediate.protected_persons (person_id text)")
        for period, day in (("2025-T3", "2026-01-05"), ("2026-T1", "2026-05-05")):
            connection.execute(
                "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, received_at,"
                " folder, folder_fingerprint) values (%s, 'm', 'skatteetaten', %s, 'full', 'accepted', %s, %s, 'f', 'f')",
                [f"skatteetaten-{period}-01", period, day, day],
            )
        for statement in statements:
            connection.execute(statement.encode())
        assert _is_protected(connection, PERSON, "2026-T1.1") is is_protected


def test_who_somebody_else_is_is_not_told_where_her_row_came_with_that_others_number(warehouse: str) -> None:
    """An agency had put another into her record, and has mended it since; what came then may be a protected address."""
    hers, his = (
        {"ident": "h", "adresse": "Gata 1"},
        {"ident": "o", "adresse": "Skjulveien 2", "adressebeskyttelse": "fortrolig"},
    )
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "create table if not exists intermediate.person_records (source text, source_record_id text, identifier text)"
        )
        enter_release(connection, "2025-T3.1")
        for key, person_id, number in (("1", "P1", "h"), ("2", "P2", "o")):
            connection.execute(
                "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,"
                " valid_from_release) values ('skatteetaten', 'personer', %s, '', %s, 'single', '2025-T3.1')",
                [key, person_id],
            )
            connection.execute(
                "insert into intermediate.person_records values ('skatteetaten', %s, %s)", [key, number]
            )
        land(connection, "skatteetaten-2025-T3-01", "personer", [{"part_id": "1"} | his])
        land(connection, "skatteetaten-2026-T1-01", "personer", [{"part_id": "1"} | hers])
        told = _without_others(
            connection,
            PERSON,
            _delivered(connection, load_contracts()["skatteetaten"].extract("personer"), ["1"], False),
        )
    assert sorted(list(row["fields"].values()) for row in told) == [["1"], ["1", "h", "Gata 1"]]


@pytest.mark.parametrize(
    ("role", "form", "is_told"), [("INNH", "ENK", True), ("DAGL", "ENK", False), ("INNH", "ANS", False)]
)
def test_a_sole_proprietorship_is_told_and_its_address_of_nobody_protected(
    role: str, form: str, is_told: bool, warehouse: str
) -> None:
    enterprise = {
        "organisasjonsnummer": "212345675",
        "navn": "SLETTMARK RENHOLD",
        "organisasjonsform_kode": form,
        "forretningsadresse_postnummer": "0450",
    }
    with psycopg.connect(warehouse) as connection:
        held = {"rolle_id": "R1", "organisasjonsnummer": "212345675", "type_kode": role}
        land(connection, "brreg-2025-T3-01", "roller", [held])
        land(connection, "brreg-2025-T3-01", "enheter", [enterprise])
        keys = rows_about(connection, [("brreg", "roller", "R1")]).get(("brreg", "enheter"), [])
        told = [
            _delivered(connection, load_contracts()["brreg"].extract("enheter"), keys, is_protected)
            for is_protected in (False, True)
        ]
    fields = [[row["fields"].get("forretningsadresse.postnummer") for row in rows] for rows in told]
    assert fields == ([["0450"], [None]] if is_told else [[], []])
    assert all(row["fields"]["navn"] == "SLETTMARK RENHOLD" for rows in told for row in rows)
