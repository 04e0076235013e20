"""Whose a correction case is, where its record's key has been given to somebody else."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from akrim.corrections import Dispute, open_case
from akrim.linkage.store import LinkedPerson, RecordBefore
from akrim.subjects.reading import read_corrections

from tests.assessment.project import join_records, land

DELIVERY = "politiet-2025-T3-01"
KEY, OTHER = (("politiet", "personer", key) for key in ("K", "L"))


@pytest.mark.parametrize(
    ("given_away", "whose"), [(timedelta(days=1), "P-HERS"), (timedelta(days=-1), "P-HIS")]
)
def test_a_case_is_told_whom_the_key_was_of_when_it_was_opened(
    warehouse: str, given_away: timedelta, whose: str
) -> None:
    before = [RecordBefore(*KEY, [DELIVERY], datetime.now(UTC) + given_away)]
    persons = (
        LinkedPerson(["P-HERS"], [OTHER], before=before),
        LinkedPerson(["P-HIS"], [KEY], of_others=before),
    )
    with psycopg.connect(warehouse) as connection:
        land(
            connection,
            DELIVERY,
            "personer",
            [{"person_lopenr": key, "etternavn": "Slettmark"} for _, _, key in (KEY, OTHER)],
        )
        join_records(connection, **{"P-HIS": [KEY], "P-HERS": [OTHER]})
    open_case(Dispute("fact", *KEY), "person", date(2025, 5, 12), "Feil person.", "kn")
    with psycopg.connect(warehouse) as connection:
        told = {person.ids[0] for person in persons if read_corrections(connection, set(), person)}
    assert told == {whose}
