"""Whose a row is that came under a key before its agency gave that to somebody else."""

from datetime import UTC, datetime

import psycopg
from akrim.linkage.store import LinkedPerson, RecordBefore
from akrim.subjects.sources import read_sources

from tests.assessment.project import land
from tests.deliveries.building import person_number

ACCEPTED = """
insert into meta.deliveries (delivery_id, agency, period, mode, delivered_at, status, manifest_sha256, manifest, folder, folder_fingerprint)
values (%s, 'politiet', '2026-T1', 'full', clock_timestamp(), 'accepted', '', '{}', '', '')
"""
THEN, NOW = "politiet-2025-T3-01", "politiet-2026-T1-01"
BEFORE = RecordBefore("politiet", "personer", "K", [THEN], datetime.now(UTC))
HERS = LinkedPerson(["P-HERS"], [], before=[BEFORE])
HIS = LinkedPerson(["P-HIS"], [("politiet", "personer", "K")], of_others=[BEFORE])


def test_each_is_told_the_rows_of_the_deliveries_in_which_the_key_was_theirs(warehouse: str) -> None:
    """None has a person number, and the involvement stands in both."""
    with psycopg.connect(warehouse) as connection:
        for delivery_id, name in ((THEN, "Slettmark"), (NOW, "Overtatt")):
            land(connection, delivery_id, "personer", [{"person_lopenr": "K", "etternavn": name}])
            land(connection, delivery_id, "involverte", [{"involvert_id": "i", "person_lopenr": "K"}])
        told = {
            person.ids[0]: [
                row["fields"].get("etternavn", row["key"]) for row in read_sources(connection, person, False)
            ]
            for person in (HERS, HIS)
        }
    assert {person: sorted(rows) for person, rows in told.items()} == {
        "P-HERS": ["Slettmark", "i"],
        "P-HIS": ["Overtatt", "i"],
    }


def test_of_a_row_that_came_with_her_number_and_is_anothers_by_now_the_number_is_told(warehouse: str) -> None:
    """Its name was the same, so that the key was not given away: the agency may have mistaken one for the other."""
    hers, his = person_number(1), person_number(2)
    with psycopg.connect(warehouse) as connection:
        for delivery_id, number in ((THEN, hers), (NOW, his)):
            named = {"etternavn": "Slettmark", "adresse": "Gjemmestien 7"}
            keys = [{"person_lopenr": "K", "ident": number}, {"person_lopenr": "H", "ident": hers}]
            land(connection, delivery_id, "personer", [key | named for key in keys])
            land(connection, delivery_id, "involverte", [{"involvert_id": "i", "person_lopenr": "K"}])
            connection.execute(ACCEPTED, [delivery_id])
        told = read_sources(connection, LinkedPerson(["P-HERS"], [("politiet", "personer", "H")]), False)
    assert [(row["key"], row["deliveries"], sorted(row["fields"])) for row in told] == [
        ("H", [THEN, NOW], ["adresse", "etternavn", "ident", "person_lopenr"]),
        ("K", [THEN], ["ident"]),
    ]
