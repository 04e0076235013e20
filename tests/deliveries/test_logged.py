"""Each delivery is in the audit log: taken in, refused, withdrawn; a centre's decisions with the persons they are about."""

import json
from collections.abc import Callable

from akrim.deliveries import withdraw

from tests.audit.events import events
from tests.deliveries.building import full_delivery
from tests.deliveries.conftest import Receiver
from tests.deliveries.forms import DECISION, OSLOS, fill_in, make_form


def test_what_is_taken_in_is_logged_by_extract_and_nothing_of_a_row(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    receiver(delivery)
    receiver(agency="nav")
    (event,) = events(receiver.address, "collection")
    assert (event["agency"], event["delivery_id"], event["login"]) == ("nav", "nav-2025-T3-01", "akrim")
    assert event["detail"]["status"] == "accepted"
    loaded = {name: len(rows) for name, rows in delivery.rows.items()}
    assert {name: sum(rows.values()) for name, rows in event["detail"]["extracts"].items()} == loaded
    values = {
        v for rows in delivery.rows.values() for row in rows for v in row.values() if v and len(str(v)) > 4
    }
    assert values
    assert not [value for value in values if str(value) in json.dumps(event, default=str)]


def test_a_refusal_is_logged_once_however_often_it_is_tried(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    delivery.manifest["supersedes"] = "nav-2025-T2-01"
    for again in ((delivery,), (), ()):
        (outcome,) = receiver(*again, agency="nav")
        assert outcome.code == "unknown_predecessor"
    (event,) = events(receiver.address, "collection")
    assert (event["detail"]["status"], event["detail"]["reason"]) == ("refused", "unknown_predecessor")


def test_a_withdrawal_is_an_alteration_by_who_decided_it(receiver: Receiver) -> None:
    receiver(full_delivery("nav"))
    withdraw("nav-2025-T3-01", "Kari Vakt", "the wrong period")
    (event,) = events(receiver.address, "alteration")
    assert (event["by_name"], event["agency"], event["delivery_id"]) == ("Kari Vakt", "nav", "nav-2025-T3-01")


def test_a_centres_decisions_are_alterations_of_the_persons(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    published()
    folder = receiver.inbox / "sentrene"
    folder.mkdir()
    fill_in(make_form(), folder / "form.xlsx", DECISION)
    (outcome,) = receiver(agency="sentrene")
    assert outcome.status == "accepted"
    (event,) = events(receiver.address, "alteration")
    assert event["agency"] == "sentrene"
    assert event["persons"]
    assert set(event["persons"]) <= set(OSLOS)
