"""Of somebody erased it is forgotten that she was held, and why."""

from pathlib import Path

import psycopg
from akrim.releases.erasing.erasure import erase_person
from akrim.retention import record_hold

from tests.audit.events import events
from tests.ledger.entering import enter_run
from tests.releases.conftest import REASON
from tests.trust.conftest import FIRST, SECOND


def test_that_she_was_held_and_why_is_forgotten_and_others_holds_stay(
    installation: Path, warehouse: str
) -> None:
    with psycopg.connect(warehouse) as connection:
        enter_run(connection, FIRST)
        enter_run(connection, SECOND)
    for person_id in ("P-HERS", "P-ANOTHERS"):
        for event in ("opened", "released"):
            record_hold("person", person_id, event, "Kari Vakt", f"innsyn for {person_id}")
    erase_person("P-HERS", "Kari Vakt", REASON)
    with psycopg.connect(warehouse) as connection:
        kept = connection.execute("select held_id, event from meta.legal_holds order by hold_id").fetchall()
    assert kept == [("P-ANOTHERS", "opened"), ("P-ANOTHERS", "released")]
    told = [
        event["detail"]["hold"] for event in events(warehouse, "alteration") if event["persons"] == ["P-HERS"]
    ]
    assert told == ["opened", "released"], "the log keeps that it was"
