"""How many were informed, in the form's third sheet: two numbers with their day, sealed as decisions are, and no text."""

from collections.abc import Callable
from typing import Any

import pytest
from akrim.contracts import INFORMED, load_contracts

from tests.deliveries.building import Delivery, base_row
from tests.deliveries.conftest import Receiver
from tests.deliveries.forms import DECISION, fill_in, make_form

REPORT = {"antall_informert": 140, "rapportert_dato": "2025-12-20"}
REPORTED = (
    "select maalgruppe, antall_informert as told from landing.sentrene_informasjonstiltak order by 1 desc"
)


@pytest.fixture
def form(receiver: Receiver, published: Callable[[], None]) -> bytes:
    published()
    (receiver.inbox / "sentrene").mkdir()
    return make_form()


def answer(receiver: Receiver, form: bytes, *rows: dict[str, Any]) -> Any:
    """What becomes of the form with these values in the sheet's first rows."""
    fill_in(form, receiver.inbox / "sentrene" / "svar.xlsx", *rows, sheet_name=INFORMED)
    (outcome,) = receiver(agency="sentrene")
    return outcome


def test_numbers_are_read_beside_decisions(receiver: Receiver, form: bytes) -> None:
    target = fill_in(form, receiver.inbox / "sentrene" / "decided.xlsx", DECISION)
    decided = target.read_bytes()
    target.unlink()
    outcome = answer(receiver, decided, REPORT, REPORT | {"antall_informert": 0})
    assert (outcome.loaded, outcome.quarantined) == ({"beslutninger": 1, "informasjonstiltak": 2}, {})
    assert [tuple(row.values()) for row in receiver.rows(REPORTED)] == [
        ("utenlandske_arbeidstakere", "140"),
        ("oppdragsgivere", "0"),
    ]


def test_a_row_that_is_left_empty_reports_nothing(receiver: Receiver, form: bytes) -> None:
    assert answer(receiver, form, {}, REPORT).loaded == {"beslutninger": 0, "informasjonstiltak": 1}
    assert [row["maalgruppe"] for row in receiver.rows(REPORTED)] == ["oppdragsgivere"]


def test_a_centre_with_nobody_to_decide_on_may_report(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    published()
    (receiver.inbox / "sentrene").mkdir()
    outcome = answer(receiver, make_form(persons=()), REPORT)
    assert outcome.loaded == {"beslutninger": 0, "informasjonstiltak": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"maalgruppe": "oppdragsgivere"},
        {"hvem": "B3 – Oppdragsgivere"},
        {"senter": "bergen"},
        {"release_id": "2025-T2.9"},
        {"rapport_id": "R-1"},
        {"rapport_id": "bergen-2025-T2.1-utenlandske_arbeidstakere"},
        {"segl": "0" * 96},
    ],
    ids=str,
)
def test_a_row_that_is_not_as_it_was_made_is_set_aside_and_told_by_its_number(
    receiver: Receiver, form: bytes, change: dict[str, Any]
) -> None:
    outcome = answer(receiver, form, REPORT | change, REPORT)
    assert outcome.loaded == {"beslutninger": 0, "informasjonstiltak": 1}
    assert receiver.value("select reason from quarantine.rows") == "unknown_reference"
    assert any(note.startswith("Rad informasjonstiltak!") for note in outcome.notes)
    assert [row["maalgruppe"] for row in receiver.rows(REPORTED)] == ["oppdragsgivere"]


@pytest.mark.parametrize(
    ("change", "code", "cell"),
    [
        ({"antall_informert": "ca. 50"}, "bad_value", "F2"),
        ({"antall_informert": 12.5}, "bad_value", "F2"),
        ({"antall_informert": -1}, "bad_value", "F2"),
        ({"antall_informert": 100001}, "bad_value", "F2"),
        ({"antall_informert": "9" * 30}, "bad_value", "F2"),
        ({"antall_informert": None}, "empty_required", "F2"),
        ({"rapportert_dato": None}, "empty_required", "G2"),
        ({"rapportert_dato": "i fjor"}, "bad_date", "G2"),
        ({"rapportert_dato": "2030-01-01"}, "future_date", "G2"),
        ({"rapportert_dato": "2019-02-01"}, "bad_value", "G2"),
    ],
    ids=str,
)
def test_a_number_that_is_none_is_set_aside_and_is_no_zero(
    receiver: Receiver, form: bytes, change: dict[str, Any], code: str, cell: str
) -> None:
    outcome = answer(receiver, form, REPORT | change)
    assert outcome.loaded == {"beslutninger": 0, "informasjonstiltak": 0}
    assert receiver.value("select reason from quarantine.rows") == code
    (note,) = [note for note in outcome.notes if f"Celle informasjonstiltak!{cell} " in note]
    if code == "bad_value":
        wanted = "et helt tall fra 0 til 100000" if "antall_informert" in change else "før tertialet"
        assert wanted in note


def test_a_system_may_send_numbers_alone_and_correct_them(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    published()
    row = base_row("sentrene", INFORMED, 1)
    for number, informed in ((1, "140"), (2, "150")):
        rows: dict[str, list[dict[str, Any]]] = {INFORMED: [row | {"antall_informert": informed}]}
        receiver(Delivery("sentrene", mode="delta", number=number, rows={"beslutninger": [], **rows}))
    pins = ["sentrene-2025-T3-01", "sentrene-2025-T3-02"]
    standing = receiver.rows("select antall_informert from state.sentrene_informasjonstiltak(%s)", pins)
    assert [row["antall_informert"] for row in standing] == ["150"]


def test_it_holds_numbers_codes_dates_and_keys_alone() -> None:
    extract = load_contracts()["sentrene"].extract(INFORMED)
    free = [c.name for c in extract.columns if c.kind == "text" and not (c.codes or c.is_key or c.meaning)]
    assert free == []
