"""An optional extract: a delivery without it is whole; once sent it counts as emptied where it is left out, and has codes alone."""

from typing import Any

import pytest
from akrim.contracts import load_contracts

from tests.deliveries.building import Delivery, base_row, delta_delivery, full_delivery
from tests.deliveries.conftest import Receiver

NOMINATING = ("arbeidstilsynet", "nav", "politiet", "skatteetaten")
LATER: dict[str, Any] = {"period": "2026-T1"}


def nominating(agency: str, count: int = 3, **more: Any) -> Delivery:
    delivery = full_delivery(agency, **more)
    delivery.rows["nominasjoner"] = [base_row(agency, "nominasjoner", n) for n in range(1, count + 1)]
    return delivery


def state(receiver: Receiver, delivery: Delivery) -> list[tuple[Any, ...]]:
    rows = receiver.rows(
        "select state, rows_standing, rows_usual from meta.delivery_files where delivery_id = %s and extract = 'nominasjoner'",
        delivery.delivery_id,
    )
    return [tuple(row.values()) for row in rows]


def test_four_agencies_may_nominate_centres_decide_on_groups_and_report_and_all_else_must_be_delivered() -> (
    None
):
    optional = {
        (agency, extract.name)
        for agency, contract in load_contracts().items()
        for extract in contract.extracts
        if extract.is_optional
    }
    assert optional == {(agency, "nominasjoner") for agency in NOMINATING} | {
        ("sentrene", "gruppebeslutninger"),
        ("sentrene", "informasjonstiltak"),
    }


@pytest.mark.parametrize("agency", NOMINATING)
def test_a_nomination_has_codes_keys_and_dates_alone(agency: str) -> None:
    extract = load_contracts()[agency].extract("nominasjoner")
    free = [
        c.name
        for c in extract.columns
        if c.kind == "text" and not (c.codes or c.is_key or c.parent or c.meaning)
    ]
    assert free == []


def test_a_delivery_without_it_is_received_as_before_and_leaves_no_trace_of_it(receiver: Receiver) -> None:
    first, second = full_delivery("nav"), full_delivery("nav", **LATER)
    change = delta_delivery("nav", {"saker": [base_row("nav", "saker", 9)]}, **LATER)
    assert [o.status for o in receiver(first, second, change)] == ["accepted"] * 3
    assert state(receiver, first) + state(receiver, second) + state(receiver, change) == []


@pytest.mark.parametrize("agency", NOMINATING)
def test_nominations_are_received(receiver: Receiver, agency: str) -> None:
    delivery = nominating(agency)
    (outcome,) = receiver(delivery)
    assert (outcome.status, outcome.quarantined) == ("accepted", {})
    assert state(receiver, delivery) == [("first", 3, None)]


def test_left_out_after_it_has_come_it_is_emptied_and_says_so(receiver: Receiver) -> None:
    first, second, third = (
        nominating("nav"),
        full_delivery("nav", **LATER),
        nominating("nav", 2, period="2026-T2"),
    )
    receiver(first, second, third)
    assert state(receiver, second) == [("empty", 0, 3)]
    assert state(receiver, third) == [("changed", 2, 3)]


def test_a_delta_withdraws_one_and_leaves_the_others(receiver: Receiver) -> None:
    gone = base_row("nav", "nominasjoner", 1) | {"_slettet": "J"}
    first, change = nominating("nav"), delta_delivery("nav", {"nominasjoner": [gone]}, **LATER, number=1)
    other = delta_delivery("nav", {"saker": [base_row("nav", "saker", 9)]}, **LATER)
    receiver(first, change, other)
    assert state(receiver, change) == [("changed", 2, 3)]
    assert state(receiver, other) == [("unchanged", 2, 2)]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"orgnr": "210234918"}, "empty_required"),
        ({"nav_id": ""}, "empty_required"),
        ({"nav_id": "NOBODY"}, "orphan_parent"),
        ({"kilde_gradering": "E"}, "unknown_code"),
        ({"opplysning_gradering": "5"}, "unknown_code"),
        ({"observert": "Naboen så ham"}, "unknown_code"),
        ({"gyldig_til": ""}, "empty_required"),
    ],
)
def test_a_row_that_says_anything_else_is_set_aside(
    receiver: Receiver, wrong: dict[str, str], code: str
) -> None:
    delivery = nominating("nav")
    delivery.rows["nominasjoner"][1] |= wrong
    (outcome,) = receiver(delivery)
    assert outcome.quarantined == {"nominasjoner": 1}
    assert receiver.rows("select reason from quarantine.rows") == [{"reason": code}]
