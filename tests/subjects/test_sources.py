"""Whose a row is that came under a key before its agency gave that to somebody else."""

from datetime import UTC, datetime

import psycopg
from akrim.linkage.store import LinkedPerson, RecordBefore
from akrim.subjects.sources import read_sources

from tests.assessment.project import land

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
