"""Every row-quarantine code of the specification, from a table that an expert can extend."""

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from akrim.deliveries.erasing import erase_rows
from akrim.deliveries.removal import forget_set_aside
from akrim.deliveries.removal.listing import set_aside
from akrim.warehouse import connect

from tests.conftest import configure
from tests.deliveries.building import (
    BASE,
    Delivery,
    base_row,
    delta_delivery,
    fill,
    full_delivery,
    key_name,
    person_number,
)
from tests.deliveries.conftest import Receiver, of_landing

CASES = yaml.safe_load((Path(__file__).parent / "quarantine_cases.yaml").read_text(encoding="utf-8"))
SOUND_ROWS = 320


def case_row(case: dict[str, Any], number: int) -> dict[str, Any]:
    agency, extract = case["extract"].split(".")
    row = base_row(agency, extract, number) | fill(copy.deepcopy(case.get("change", {})))
    row.pop(case.get("without"), None)
    return row


@pytest.mark.parametrize("agency", sorted(BASE))
def test_each_row_of_the_table_gets_its_code(
    receiver: Receiver, published: Callable[[], None], agency: str
) -> None:
    published()
    delivery = full_delivery(agency, SOUND_ROWS)
    expected: dict[str, dict[int, str]] = {extract: {} for extract in delivery.rows}
    for case in (case for case in CASES if case["extract"].startswith(f"{agency}.")):
        extract = case["extract"].split(".")[1]
        delivery.rows[extract].append(case_row(case, SOUND_ROWS + 1 + len(delivery.rows[extract])))
        expected[extract][len(delivery.rows[extract])] = case["code"]

    outcome = receiver(delivery)[0]

    assert outcome.status == "accepted", outcome.detail
    for extract, codes in expected.items():
        found = receiver.rows("select row_number, reason from quarantine.rows where extract = %s", extract)
        assert {row["row_number"]: row["reason"] for row in found} == {
            n: code for n, code in codes.items() if code
        }
        counts = receiver.rows("select * from meta.delivery_files where extract = %s", extract)[0]
        assert counts["rows_declared"] == counts["rows_loaded"] + counts["rows_quarantined"]
        assert (
            receiver.value(of_landing("select count(*) from {}", f"{agency}_{extract}"))
            == counts["rows_loaded"]
        )


def test_the_first_of_a_key_stays_even_where_it_is_set_aside(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    repeated = base_row("nav", "saker", 1) | {"aarsak": "ukjent"}
    delivery.rows["saker"] = [repeated, base_row("nav", "saker", 1), base_row("nav", "saker", 2)]
    receiver(delivery)
    found = receiver.rows("select row_number, reason from quarantine.rows order by 1")
    assert [(row["row_number"], row["reason"]) for row in found] == [(1, "unknown_code"), (2, "repeated_key")]


def test_a_key_seen_in_a_forbidden_row_is_seen(receiver: Receiver) -> None:
    delivery = full_delivery("politiet")
    row = base_row("politiet", "involverte", 1)
    delivery.rows["involverte"] = [row | {"rolle": "vitne"}, row]
    receiver(delivery)
    found = receiver.rows("select row_number, reason, raw from quarantine.rows order by 1")
    assert [(r["row_number"], r["reason"]) for r in found] == [(1, "forbidden_role"), (2, "repeated_key")]
    assert found[0]["raw"] == {"rolle": "vitne"}


def test_a_removal_of_a_key_seen_in_a_forbidden_row_is_a_repeat(receiver: Receiver) -> None:
    row = base_row("politiet", "involverte", 1)
    rows = [row | {"rolle": "vitne"}, row | {"_slettet": "J", "rolle": "fornaermet"}]
    receiver(full_delivery("politiet"), delta_delivery("politiet", {"involverte": rows}))
    found = receiver.rows("select row_number, reason, raw from quarantine.rows order by 1")
    assert [(r["row_number"], r["reason"]) for r in found] == [(1, "forbidden_role"), (2, "repeated_key")]
    assert found[1]["raw"] == {"involvert_id": "INVOLVERTE1", "_slettet": "J"}
    assert receiver.value("select count(*) from landing.politiet_involverte where is_removed") == 0


def test_a_number_too_long_to_count_anything_sets_its_row_aside_and_no_other(receiver: Receiver) -> None:
    delivery = full_delivery("brreg")
    digits, rows = "9" * 5_000, [base_row("brreg", "enheter", place) for place in (1, 2, 3)]
    lines = [json.dumps(row | {"antallAnsatte": 7}).encode() for row in rows]
    lines[1] = lines[1].replace(b": 7", b": " + digits.encode())
    lines[2] = lines[2].replace(b"{", b'{"notAgreed": ' + digits.encode() + b", ", 1)
    delivery.rows["enheter"] = rows
    delivery.raw["enheter"] = gzip.compress(b"\n".join(lines))
    outcome = receiver(delivery)[0]
    assert outcome.status == "accepted", outcome.detail
    (found,) = receiver.rows("select row_number, reason, raw from quarantine.rows")
    assert (found["row_number"], found["reason"]) == (2, "bad_value")
    assert found["raw"]["antallAnsatte"] == digits


def test_malformed_records_are_set_aside_and_counted_in_records(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    content = delivery.content("lonnsgaranti", delivery.rows["lonnsgaranti"])[1]
    lines = content.splitlines(keepends=True)
    lines[2:2] = [b"KRAV8;PERSONER1\r\n", b"\r\n", b"KRAV9;PERSONER1;x;y;z;for mye\r\n"]
    delivery.raw["lonnsgaranti"] = b"".join(lines)
    delivery.rows["lonnsgaranti"] = [{}] * 5
    assert receiver(delivery)[0].status == "accepted"
    found = receiver.rows("select row_number, reason, raw from quarantine.rows order by 1")
    assert [(row["row_number"], row["reason"]) for row in found] == [
        (2, "malformed_row"),
        (3, "malformed_row"),
    ]
    assert found[1]["raw"]["fields"][-1] == "for mye"


def test_a_malformed_row_that_may_be_of_a_witness_keeps_nothing(receiver: Receiver) -> None:
    delivery = full_delivery("politiet")
    content = delivery.content("involverte", delivery.rows["involverte"])[1]
    delivery.raw["involverte"] = content + b"INV9;SAKER1;PERSONER1;vitne;mer\r\nINV10;SAKER1\r\n"
    delivery.rows["involverte"] = [{}] * 5
    receiver(delivery)
    raws = [row["raw"] for row in receiver.rows("select raw from quarantine.rows")]
    assert raws == [{"fields": 5}, {"fields": 2}]


def add_row_of_number_alone(delivery: Delivery) -> None:
    number = person_number(7)
    delivery.rows["personer"][0]["ident"] = number
    delivery.rows["personer"].append(
        base_row("nav", "personer", 9) | {"nav_id": "", "ident": f"{number[:6]} {number[6:]}"}
    )


def test_a_number_of_the_wrong_world_is_masked_wherever_it_stands(receiver: Receiver) -> None:
    real = person_number(0, series=0)
    delivery = full_delivery("nav")
    delivery.rows["personer"].append(base_row("nav", "personer", 9) | {"ident": real})
    delivery.rows["personer"].append(base_row("nav", "personer", 8) | {"ident": f"{real}.0"})
    add_row_of_number_alone(delivery)
    content = delivery.content("personer", delivery.rows["personer"])[1]
    delivery.raw["personer"] = content + f"NAV10;{real};for få\r\n".encode()
    delivery.rows["personer"].append({})
    receiver(delivery)
    everything = json.dumps(receiver.rows("select raw from quarantine.rows"))
    assert real not in everything
    assert everything.count(real[:6] + "*****") == 3


def test_a_parent_set_aside_takes_its_children_with_it(receiver: Receiver) -> None:
    delivery = full_delivery("arbeidstilsynet")
    delivery.rows["tilsyn"][0]["dato"] = "i fjor"
    receiver(delivery)
    reasons = receiver.rows("select extract, reason, count(*) from quarantine.rows group by 1, 2 order by 1")
    assert [(r["extract"], r["reason"], r["count"]) for r in reasons] == [
        ("personer_paa_stedet", "orphan_parent", 3),
        ("reaksjoner", "orphan_parent", 3),
        ("tilsyn", "bad_date", 1),
    ]


def test_a_production_installation_takes_the_other_world(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:

    configure(monkeypatch, AKRIM_DATA_MODE="production")
    delivery = full_delivery("nav", manifest={"synthetic": False})
    delivery.rows["personer"][1]["ident"] = person_number(0, series=0)
    receiver(delivery)
    found = receiver.rows(
        "select row_number, reason from quarantine.rows where extract = 'personer' order by 1"
    )
    assert [(r["row_number"], r["reason"]) for r in found] == [
        (1, "synthetic_person_number"),
        (3, "synthetic_person_number"),
    ]


def test_the_day_of_delivery_is_the_one_that_is_written(receiver: Receiver) -> None:
    """Whatever day it is in Greenwich: here the period is over, and what happened since midnight is past."""
    delivery = full_delivery("nav", manifest={"delivered_at": "2026-01-01T00:30:00+01:00"})
    delivery.rows["saker"][0]["anmeldt_dato"] = "2026-01-01"
    delivery.rows["saker"][1]["anmeldt_dato"] = "2026-01-02"
    assert receiver(delivery)[0].status == "accepted"
    assert receiver.rows("select row_number, reason from quarantine.rows") == [
        {"row_number": 2, "reason": "future_date"}
    ]


@pytest.mark.parametrize(
    ("period", "delivered_at", "reasons", "invalid"),
    [
        ("2025-T3", "2026-01-05T06:00:00+01:00", [], [["ident"]]),
        ("2031-T3", "2032-01-05T06:00:00+01:00", [], [["ident"]]),
        ("2032-T1", "2032-05-05T06:00:00+02:00", ["real_range_person_number"], []),
    ],
)
def test_which_first_control_digit_counts_is_by_the_period(
    receiver: Receiver, period: str, delivered_at: str, reasons: list[str], invalid: list[list[str]]
) -> None:
    """The tax administration's example of a number that is one from 2032 on alone."""
    delivery = full_delivery("nav", period=period, manifest={"delivered_at": delivered_at})
    delivery.rows["personer"].append(base_row("nav", "personer", 9) | {"ident": "02013299903"})
    assert receiver(delivery)[0].status == "accepted"
    assert [row["reason"] for row in receiver.rows("select reason from quarantine.rows")] == reasons
    found = receiver.rows("select invalid_columns from landing.nav_personer where nav_id = 'PERSONER9'")
    assert [row["invalid_columns"] for row in found] == invalid


def test_an_invalid_number_is_kept_as_sent_and_marked(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    delivery.rows["personer"][0]["ident"] = "0123456789"
    delivery.rows["saker"][0]["arbeidsgiver_orgnr"] = "999"
    receiver(delivery)
    person = receiver.rows(
        "select ident, invalid_columns from landing.nav_personer where nav_id = 'PERSONER1'"
    )
    case = receiver.rows(
        "select arbeidsgiver_orgnr, invalid_columns from landing.nav_saker where sak_id = 'SAKER1'"
    )
    assert person == [{"ident": "0123456789", "invalid_columns": ["ident"]}]
    assert case == [{"arbeidsgiver_orgnr": "999", "invalid_columns": ["arbeidsgiver_orgnr"]}]


@pytest.mark.parametrize(
    ("rows", "bad_rows", "status"),
    [(60, 10, "accepted"), (60, 11, "refused"), (260, 13, "accepted"), (260, 14, "refused")],
)
def test_more_than_the_tolerated_rows_refuse_the_delivery(
    receiver: Receiver, rows: int, bad_rows: int, status: str
) -> None:
    """Ten of few, one in twenty of many."""
    delivery = full_delivery("nav", rows)
    for row in delivery.rows["saker"][:bad_rows]:
        row["aarsak"] = "ukjent"
    outcome = receiver(delivery)[0]
    assert (outcome.status, outcome.code) == (status, "quarantine_share" if status == "refused" else None)
    assert receiver.value("select count(*) from quarantine.rows") == bad_rows
    assert receiver.value("select count(*) from landing.nav_personer") == (
        rows if status == "accepted" else 0
    )


def test_forbidden_roles_do_not_count_towards_a_refusal(receiver: Receiver) -> None:
    delivery = full_delivery("politiet", 40)
    for row in delivery.rows["involverte"][:30]:
        row["rolle"] = "vitne"
    assert receiver(delivery)[0].status == "accepted"
    assert receiver.value("select count(*) from landing.politiet_involverte") == 10


def test_a_delta_needs_slettet_and_checks_a_removal_by_its_key_alone(receiver: Receiver) -> None:
    rows = [
        base_row("nav", "saker", 1) | {"_slettet": "J", "aarsak": "ukjent", "nav_id": "UKJENT"},
        base_row("nav", "saker", 2) | {"_slettet": ""},
        base_row("nav", "saker", 3) | {"_slettet": "ja"},
        {key_name("saker", "nav"): "", "_slettet": "J"},
    ]
    receiver(full_delivery("nav"), delta_delivery("nav", {"saker": rows}))
    found = receiver.rows("select row_number, reason from quarantine.rows order by 1")
    assert [(r["row_number"], r["reason"]) for r in found] == [
        (2, "empty_required"),
        (3, "bad_value"),
        (4, "empty_required"),
    ]
    removed = receiver.rows("select sak_id, nav_id, aarsak from landing.nav_saker where is_removed")
    assert removed == [{"sak_id": "SAKER1", "nav_id": None, "aarsak": None}]


def test_a_key_is_no_longer_than_an_index_takes(receiver: Receiver) -> None:
    keys = ["𐐷" * 300, "𐐷" * 301]
    full = full_delivery("nav")
    full.rows["lonnsgaranti"] += [base_row("nav", "lonnsgaranti", 9) | {"krav_id": key} for key in keys]
    delta = delta_delivery("nav", {"lonnsgaranti": [{"krav_id": key, "_slettet": "J"} for key in keys]})
    receiver(full, delta)
    found = receiver.rows("select delivery_id, row_number, reason from quarantine.rows order by 1")
    assert [tuple(row.values()) for row in found] == [
        (full.delivery_id, 5, "bad_value"),
        (delta.delivery_id, 2, "bad_value"),
    ]


def test_nothing_of_the_delivery_class_is_unused() -> None:
    assert {case["extract"] for case in CASES} <= {
        f"{a}.{e}" for a, extracts in BASE.items() for e in extracts
    }
    assert isinstance(full_delivery("nav"), Delivery)


def test_what_was_set_aside_of_somebody_stays_with_a_hold_and_goes_with_an_erasure(
    receiver: Receiver,
) -> None:
    """Also of a record that has too many fields, of a child that never landed, and of a row whose number alone is somebody's."""
    delivery = full_delivery("nav")
    delivery.rows["saker"] += [
        base_row("nav", "saker", 8) | {"nav_id": f"PERSONER{person}", "vedtak_endret": "kanskje"}
        for person in (1, 2)
    ]
    add_row_of_number_alone(delivery)
    content = delivery.content("personer", delivery.rows["personer"])[1]
    delivery.raw["personer"] = content + b"PERSONER1;;TESTESEN; KARI;1980-03-12;0150\r\n"
    delivery.rows["personer"].append({})
    receiver(delivery)
    records = [("nav", "personer", "PERSONER1")]
    with connect() as connection:
        assert forget_set_aside(connection, set_aside(connection)[0], records) == (1, 3)
        assert erase_rows(connection, records, []).rows > 2
        assert set_aside(connection) == []
