"""Whose a correction case is, where its record's key has been given to somebody else; and who was sent data of whom when."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from akrim import audit
from akrim.corrections import Dispute, open_case
from akrim.linkage.store import LinkedPerson, RecordBefore
from akrim.subjects import reading
from akrim.subjects.reading import read_corrections
from akrim.warehouse import read_rows

from tests.assessment.project import join_records, land
from tests.ledger.entering import enter_release, enter_run
from tests.releases.tables import add, create_marts

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


FIRST, SECOND = "2025-T3.1", "2026-T1.1"
# What went out of him while her record was taken for his, and afterwards; the second release tells that he left.
SENT = (
    (FIRST, "oslo", "outbox", ["P-HIS"]),
    (FIRST, "the person", "subject export", ["P-HIS"]),
    (SECOND, "oslo", "outbox", ["P-HIS"]),
    (SECOND, "bergen", "outbox", ["P-HIS", "P-HERS"]),
)
OF_HIM, OF_HER = (("oslo", FIRST, "listed"), ("bergen", SECOND, "moved")), ("bergen", SECOND, "decided")
WITH_WHAT_LEFT = (OF_HIM[0], ("the person", FIRST, None), ("oslo", SECOND, "moved"), OF_HIM[1])


@pytest.mark.parametrize(
    ("person", "told"),
    [
        (LinkedPerson(["P-HERS"], [KEY]), [OF_HIM[0], OF_HER]),
        (
            LinkedPerson(["P-HERS"], [KEY], of_others=[RecordBefore(*KEY, [DELIVERY], datetime.now(UTC))]),
            [OF_HER],
        ),
        (LinkedPerson(["P-HIS"], [OTHER]), [*WITH_WHAT_LEFT]),
        (LinkedPerson(["P-HERS", "P-HIS"], [KEY, OTHER]), [*WITH_WHAT_LEFT[:3], OF_HER]),
    ],
    ids=["told apart from him since", "given his key since", "he", "he who was merged into her"],
)
def test_who_was_sent_data_of_a_record_is_told_whose_record_it_is(
    person: LinkedPerson, told: list[object], warehouse: str
) -> None:
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "named_persons")
        for release_id in (FIRST, SECOND):
            enter_release(connection, release_id, published_at="now")
            enter_run(connection, release_id)
        join_records(connection, **{"P-HIS": [KEY, OTHER]})
        connection.execute(
            "update linkage.memberships set valid_to_release = %s where source_record_id = 'K'", [SECOND]
        )
        join_records(connection, **{"P-HERS": [KEY]})
        connection.execute(
            "update linkage.memberships set valid_from_release = %s where person_id = 'P-HERS'", [SECOND]
        )
        for release_id, centre_id, person_id, why in (
            (FIRST, "oslo", "P-HIS", "listed"),
            (SECOND, "bergen", "P-HERS", "decided"),
        ):
            add(
                connection,
                "named_persons",
                release_id=release_id,
                centre_id=centre_id,
                person_id=person_id,
                named_because=why,
            )
        for release_id, recipient, means, persons in SENT:
            audit.record(
                connection,
                audit.Event(
                    "disclosure",
                    recipient=recipient,
                    release_id=release_id,
                    detail={"means": means},
                    persons=persons,
                ),
            )
        about = {"ids": person.ids} | reading._events_about(connection, person)
        sent = read_rows(connection, reading.DISCLOSURES, about)
        logged = read_rows(connection, reading.LOG, about)
    assert [(row["recipient"], row["release_id"], row["named_because"]) for row in sent] == told
    assert [(row["recipient"], row["release_id"]) for row in logged] == [row[:2] for row in told]
