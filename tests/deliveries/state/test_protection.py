"""Whose address is protected as of a release, by all that was ever delivered; and which addresses are taken as one."""

from collections.abc import Iterable
from typing import Any

import hypothesis.strategies as st
import psycopg
import pytest
from akrim.deliveries import erase_rows
from akrim.deliveries.register import withdraw
from akrim.orchestration import pinning
from akrim.periods import Period
from hypothesis import HealthCheck, given, settings
from psycopg import sql

from tests.deliveries.building import (
    DELIVERED,
    Delivery,
    base_row,
    delta_delivery,
    full_delivery,
    person_number,
)
from tests.deliveries.conftest import Receiver

pytestmark = pytest.mark.slow

OPEN, SECRET, STRICTEST = "ugradert", "fortrolig", "strengt_fortrolig"
# What three deliveries say of somebody: first a full one, then the next period's, then a delta to it. A grade stands for a
# sound row, `bad:` before it for a row that is set aside, nothing for no row, `removed` for a removal.
HISTORIES: list[tuple[str, str, str, str, str | None]] = [
    ("never protected", OPEN, OPEN, OPEN, None),
    ("protected still", SECRET, SECRET, SECRET, SECRET),
    ("missing from the next", SECRET, "", "", SECRET),
    ("set aside in the next", SECRET, "bad:ugradert", "", SECRET),
    ("set aside without a grade", SECRET, "bad:", "", SECRET),
    ("removed", SECRET, SECRET, "removed", SECRET),
    ("lifted", SECRET, OPEN, "", None),
    ("lifted by the delta", SECRET, "", OPEN, None),
    ("lifted, then missing", SECRET, OPEN, "removed", None),
    ("lifted, then set aside as open", SECRET, OPEN, "bad:ugradert", None),
    ("open, then set aside as protected", OPEN, OPEN, "bad:fortrolig", SECRET),
    ("open, then set aside as protected in full", OPEN, "bad:fortrolig", "", SECRET),
    ("open, then set aside with a grade that is none", OPEN, OPEN, "bad:Fortrolig!", STRICTEST),
    ("open, then set aside as open", OPEN, "bad:ugradert", "", None),
    ("open, then set aside without a grade", OPEN, OPEN, "bad:", None),
    ("new and set aside as open", "", "bad:ugradert", "", STRICTEST),
    ("new in the delta and set aside", "", "", "bad:ugradert", STRICTEST),
    ("new and set aside, then sound and open", "", "bad:ugradert", OPEN, None),
    ("new and protected", "", SECRET, "", SECRET),
]


def person(key: str, said: str, number: int, **values: Any) -> dict[str, Any]:
    """A row of that person; one to be set aside has a birth date that is none."""
    spoilt = {"fodselsdato": "1980-02-30"} if said.startswith("bad:") else {}
    told = {"adressebeskyttelse": said.removeprefix("bad:"), "ident": person_number(number + 1)}
    return base_row("skatteetaten", "personer", 1) | {"part_id": key} | told | spoilt | values


def full(number: int, period: str, persons: Iterable[dict[str, Any]], **more: Any) -> Delivery:
    delivery = full_delivery("skatteetaten", 1, period=period, number=number, **more)
    delivery.rows["personer"] += persons
    return delivery


def delta(number: int, period: str, persons: list[dict[str, Any]], **more: Any) -> Delivery:
    more.setdefault("manifest", {"delivered_at": DELIVERED[period].replace("T06", "T07")})
    return delta_delivery("skatteetaten", {"personer": persons}, number=number, period=period, **more)


def release_of(period: str) -> str:
    return pinning.pin(Period.parse(period)).release_id


def protected(receiver: Receiver, release_id: str) -> dict[str, str | None]:
    """By record, its grade as of the release."""
    found = receiver.rows(
        "select record_id, max(grade) filter (where grade <> 'ugradert') as grade"
        " from meta.protections_of(%s) group by record_id",
        release_id,
    )
    return {row["record_id"]: row["grade"] for row in found}


def accept_all(receiver: Receiver, *deliveries: Delivery) -> None:
    outcomes = receiver(*deliveries)
    assert {outcome.status for outcome in outcomes} <= {"accepted", "already_loaded"}, outcomes


def test_protection_once_known_lasts_until_a_valid_row_lifts_it(receiver: Receiver) -> None:
    said: list[list[dict[str, Any]]] = [[], [], []]
    for number, (name, *told, _) in enumerate(HISTORIES):
        for rows, what in zip(said, told, strict=True):
            if what == "removed":
                rows.append({"part_id": name, "_slettet": "J"})
            elif what:
                rows.append(person(name, what, number))
    accept_all(
        receiver, full(1, "2025-T3", said[0]), full(1, "2026-T1", said[1]), delta(2, "2026-T1", said[2])
    )
    found = protected(receiver, release_of("2026-T1"))
    assert found == {name: grade for name, *_, grade in HISTORIES if grade}


def test_what_a_superseded_or_withdrawn_delivery_lifted_is_protected_again(receiver: Receiver) -> None:
    lifted = {"lifted, then gone": OPEN, "lifted, then open": OPEN, "told by it alone": SECRET}
    accept_all(
        receiver,
        full(1, "2025-T3", [person(name, SECRET, n) for n, name in enumerate(list(lifted)[:2])]),
        full(1, "2026-T1", [person(name, grade, n) for n, (name, grade) in enumerate(lifted.items())]),
    )
    assert set(protected(receiver, release_of("2026-T1"))) == {"told by it alone"}
    later = {"delivered_at": DELIVERED["2026-T1"].replace("T06", "T08")}
    correction = full(
        2,
        "2026-T1",
        [person("lifted, then open", OPEN, 1)],
        supersedes="skatteetaten-2026-T1-01",
        manifest=later,
    )
    accept_all(receiver, correction)
    assert set(protected(receiver, release_of("2026-T1"))) == {"lifted, then gone", "told by it alone"}
    withdraw("skatteetaten-2026-T1-02", "Kari Prøve", "wrong file")
    withdraw("skatteetaten-2026-T1-01", "Kari Prøve", "wrong file")
    accept_all(receiver, full_delivery("nav", 1, period="2026-T1"))
    assert set(protected(receiver, release_of("2026-T1"))) == set(lifted)


def test_a_release_goes_on_hearing_what_it_heard(receiver: Receiver) -> None:
    accept_all(receiver, full(1, "2025-T3", [person("first", SECRET, 0), person("second", OPEN, 1)]))
    before = release_of("2025-T3")
    accept_all(receiver, full(1, "2026-T1", [person("first", OPEN, 0), person("second", SECRET, 1)]))
    after = release_of("2026-T1")
    assert set(protected(receiver, before)) == {"first"}
    assert set(protected(receiver, after)) == {"second"}
    # Assessed again for another reason, the old period knows who has been protected since, not who no longer is.
    accept_all(receiver, full_delivery("nav", 1, period="2025-T3"))
    again = release_of("2025-T3")
    assert set(protected(receiver, again)) == {"first", "second"}
    pins = receiver.value("select pins -> 'protections' from meta.releases where release_id = %s", again)
    assert [d["delivery_id"] for d in pins["skatteetaten"]] == ["skatteetaten-2026-T1-01"]


def test_an_old_period_assessed_again_knows_where_a_protected_person_has_moved(receiver: Receiver) -> None:
    """Others may be told of whom it has at that address; where she goes on living adds nothing to hear."""
    home, next_home = {"adresse": "Lia 1", "postnummer": "0150"}, {"adresse": "Lia 2", "postnummer": "0150"}
    accept_all(receiver, full(1, "2025-T3", [person("moved", SECRET, 0, **home)]))
    accept_all(receiver, full(1, "2026-T1", [person("moved", SECRET, 0, **home)]))
    accept_all(receiver, full(1, "2026-T2", [person("moved", SECRET, 0, **next_home)]))
    again = release_of("2025-T3")
    known = "select distinct street_address from meta.protections_of(%s) where record_id = 'moved' order by 1"
    assert [row["street_address"] for row in receiver.rows(known, again)] == ["Lia 1", "Lia 2"]
    pins = receiver.value("select pins -> 'protections' from meta.releases where release_id = %s", again)
    assert [d["delivery_id"] for d in pins["skatteetaten"]] == ["skatteetaten-2026-T2-01"]


def test_that_somebody_is_protected_later_alone_makes_no_new_release(receiver: Receiver) -> None:
    accept_all(receiver, full(1, "2025-T3", [person("somebody", OPEN, 0)]))
    release_id = release_of("2025-T3")
    receiver.run("update meta.releases set status = 'published', published_at = now()")
    accept_all(receiver, full(1, "2026-T1", [person("somebody", SECRET, 0)]))
    pins = pinning.pin(Period.parse("2025-T3"))
    assert (pins.release_id, pins.is_new) == (release_id, False)
    # Taken back it makes way for one that has heard.
    receiver.run("update meta.releases set status = 'recalled'")
    pins = pinning.pin(Period.parse("2025-T3"))
    assert (pins.release_id, pins.is_new) == ("2025-T3.2", True)
    assert set(protected(receiver, pins.release_id)) == {"somebody"}


def test_addresses_now_before_and_set_aside_are_kept_with_valid_numbers_alone(receiver: Receiver) -> None:
    moved = {"adresse": "Nyveien 2", "postnummer": "0151"}
    accept_all(
        receiver,
        full(1, "2025-T3", [person("moved", OPEN, 0, adresse="Gamleveien 1", postnummer="0150")]),
        delta(2, "2025-T3", [person("moved", SECRET, 0, **moved)]),
        delta(
            3,
            "2025-T3",
            [person("moved", "bad:ugradert", 0, adresse="Nyesteveien 3", ident="12038001505")],
            manifest={"delivered_at": DELIVERED["2025-T3"].replace("T06", "T09")},
        ),
    )
    found = receiver.rows(
        "select street_address, identifier from meta.protections_of(%s) order by 1", release_of("2025-T3")
    )
    assert [(row["street_address"], row["identifier"]) for row in found] == [
        ("Gamleveien 1", person_number(1)),
        ("Nyesteveien 3", None),
        ("Nyveien 2", person_number(1)),
    ]


def test_a_row_without_a_key_is_known_by_its_person_number(receiver: Receiver) -> None:
    keyless = [
        person("", "bad:fortrolig", 0, part_id=""),
        person("", "bad:ugradert", 1, part_id=""),
        person("", "bad:ugradert", 2, part_id=""),
    ]
    accept_all(
        receiver,
        full(1, "2025-T3", [person("known", OPEN, 0), person("open", OPEN, 1)]),
        full(1, "2026-T1", keyless),
    )
    found = protected(receiver, release_of("2026-T1"))
    assert found == {"known": SECRET, "skatteetaten-2026-T1-01 4": STRICTEST}
    accept_all(receiver, full(1, "2026-T2", [person("third", OPEN, 2), person("known", OPEN, 0)]))
    assert protected(receiver, release_of("2026-T2")) == {}


@pytest.mark.parametrize(
    ("now", "said", "still"),
    [
        # of whom the key is now, by number; what else the delivery says; whose numbers are protected
        ([("key", OPEN, 1, {})], [], {0}),
        ([("key", OPEN, 1, {}), ("other", OPEN, 0, {})], [], set()),
        ([("key", OPEN, 1, {}), ("other", SECRET, 0, {})], [], {0}),
        ([("key", SECRET, 1, {})], [("key", OPEN, 1, {})], {0}),
        ([("key", OPEN, 1, {})], [("other", OPEN, 0, {})], set()),
        ([("key", OPEN, 1, {"tidligere_ident": person_number(1)})], [], set()),
        ([("key", OPEN, 1, {"ident": ""})], [], set()),
        ([("key", OPEN, 0, {})], [("key", OPEN, 1, {})], set()),
    ],
)
def test_a_key_that_is_anothers_lifts_nothing_from_whom_it_was(
    receiver: Receiver, now: list[Any], said: list[Any], still: set[int]
) -> None:
    first = person("key", SECRET, 0, adresse="Lia 7")
    accept_all(receiver, full(1, "2025-T3", [first]))
    for period, rows in (("2026-T1", now), ("2026-T2", said)):
        if rows:
            told = [person(key, grade, number, **values) for key, grade, number, values in rows]
            accept_all(receiver, full(1, period, told))
    release_id = release_of("2026-T2" if said else "2026-T1")
    found = receiver.rows("select identifier, street_address from meta.protections_of(%s)", release_id)
    assert {row["identifier"] for row in found} == {person_number(number + 1) for number in still}
    if still:
        assert (person_number(1), "Lia 7") in [tuple(row.values()) for row in found]


def test_a_row_whose_key_is_too_long_is_taken_for_one_without(receiver: Receiver) -> None:
    key = "".join(chr(0x10400 + n % 40 + n // 40) for n in range(5000))  # nothing that an index could pack
    receiver(full(1, "2026-T1", [person(key, OPEN, 1, adresse="Lia 1")]))
    stated = "select record_id, is_keyless, grade, street_address from landing.protection_statements"
    assert receiver.rows(stated) == [
        {
            "record_id": "skatteetaten-2026-T1-01 2",
            "is_keyless": True,
            "grade": STRICTEST,
            "street_address": "Lia 1",
        }
    ]


@pytest.mark.parametrize("told_by", ["ident", "tidligere_ident"])
@pytest.mark.parametrize("grade", [SECRET, OPEN])
def test_what_is_erased_is_forgotten(told_by: str, grade: str, receiver: Receiver) -> None:
    """Also what was said of the same number before anybody knew whose it is, were it open when that was known."""
    kept = person("kept", SECRET, 1)
    unknown = person("", "bad:ugradert", 2, part_id="", tidligere_ident="")
    accept_all(
        receiver,
        full(1, "2025-T3", [unknown | {"ident": "", told_by: person_number(1)}, kept]),
        full(1, "2026-T1", [person("erased", grade, 0), kept]),
    )
    with psycopg.connect(receiver.address) as connection:
        erase_rows(connection, [("skatteetaten", "personer", "erased")], [])
    assert receiver.rows("select distinct record_id from landing.protection_statements") == [
        {"record_id": "kept"}
    ]


def digests(address: str, kind: str, street: str, postcode: str | None) -> set[bytes]:
    with psycopg.connect(address) as connection:
        function = sql.Identifier("meta", f"{kind}_address_digests")
        query = sql.SQL("select digest from {}(%s, %s) as d (digest)").format(function)
        return {row[0] for row in connection.execute(query, [street, postcode]).fetchall()}


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (("Hemmelig vei 12 B", "0450"), ("HEMMELIGVEIEN 12b", "0450"), True),
        (("Hemmelig vei 12 B", "0450"), ("hemmelig v. 12", "0450"), True),
        (("Åsveien 3", "0450"), ("Aasveien 3", "0450"), True),
        (("Sørengkaia 4", "0450"), ("SOERENGKAIA  4", "0450"), True),
        (("Bærumsveien 4", "0450"), ("Baerumsvn. 4", "0450"), True),
        (("A\u030asveien 3", "0450"), ("Åsveien 3", "0450"), True),
        (("Storgata 1, H0201", "0450"), ("STORGT. 1", "0450"), True),
        (("Storgata 1", "0450"), ("Storgaten 1 leil. 14", "0450"), True),
        (("Storgata 1", "0450"), ("c/o Prøve Testesen, Storgata 1", "0450"), True),
        (("Storgata 1", "0450"), ("STORGT. 1 2. ETG 0450  OSLO", None), True),
        (("C\u030ciegŋalmearra 3", "9730"), ("Ciegnalmearra 3 / c/o Prøve Testesen", "9730"), True),
        (("Storgata 1", None), ("Storgata 1", "0450"), True),
        (("Storgata 1", "0450"), ("Storgata 1", None), True),
        (("Storgata 1", "0450"), ("Storgata 1", " 0450 "), True),
        (("Storgata 1", "0450"), ("Storgata 1", "5003"), False),
        (("Storgata 1", "0450"), ("Storgata 11", "0450"), False),
        (("Storgata 1, Oslo", "0450"), ("Lillegata 2, Oslo", "0450"), False),
        (("Storgata 1, H0201", "0450"), ("Lillegata 2, H0201", "0450"), False),
        (("Storgata 1 2. etg 0450 Oslo", "0450"), ("Lillegata 2 2. etg 0450 Oslo", "0450"), False),
    ],
)
def test_an_address_is_known_however_it_is_written(
    warehouse: str, one: tuple[str, str | None], other: tuple[str, str | None], is_same: bool
) -> None:
    shared = digests(warehouse, "protected", *one) & digests(warehouse, "borne", *other)
    assert bool(shared) is is_same


# `app 1` is the number of a flat, and no street.
STREETS = st.text("abdefhklmnoprstæøåÆØÅ ", min_size=2, max_size=12).filter(
    lambda street: street.split() and street.split()[-1] != "app"
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    street=STREETS, number=st.integers(1, 999), letter=st.sampled_from(["", "A", " b", " C"]), data=st.data()
)
def test_capitals_spaces_signs_and_the_houses_letter_hide_no_equal_address(
    warehouse: str, street: str, number: int, letter: str, data: st.DataObject
) -> None:
    written = f"{street} {number}{letter}"
    spelt = data.draw(st.sampled_from([str.upper, str.lower, str.title]))(written)
    signs = data.draw(
        st.sampled_from([written, spelt, spelt.replace(" ", "  "), f" {spelt}.", spelt.replace(" ", "-")])
    )
    assert digests(warehouse, "protected", written, "0450") & digests(warehouse, "borne", signs, "0450")
