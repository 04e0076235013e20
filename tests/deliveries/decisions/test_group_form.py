"""Decisions on networks and enterprises, in the form's second sheet: taken as those on persons, sealed as those are."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from akrim.contracts import GROUP_DECISIONS, INFORMED
from openpyxl import load_workbook

from tests.deliveries.building import Delivery, base_row, delta_delivery
from tests.deliveries.conftest import Receiver
from tests.deliveries.forms import DECISION, fill_in, make_form

# The second is a network under the id that a centre is told which may not know it whole.
GROUPS = (("NETTVERK1", "212345675 212345683"), ("NFORTALT", "212345683"), ("212345675", "212345675"))
DECIDED = (
    "select gruppe_id as id, foretak, status, tiltak from landing.sentrene_gruppebeslutninger order by 1"
)


@pytest.fixture
def form(receiver: Receiver, published: Callable[[], None]) -> bytes:
    published()
    (receiver.inbox / "sentrene").mkdir()
    return make_form(groups=GROUPS)


def test_both_sheets_are_read_in_one_delivery(receiver: Receiver, form: bytes) -> None:
    target = receiver.inbox / "sentrene" / "svar.xlsx"
    fill_in(form, target, DECISION)
    fill_in(
        target.read_bytes(),
        target,
        DECISION,
        DECISION | {"tiltak": "Felles tilsyn"},
        sheet_name=GROUP_DECISIONS,
    )
    (outcome,) = receiver(agency="sentrene")
    assert (outcome.loaded, outcome.quarantined) == ({"beslutninger": 1, "gruppebeslutninger": 2}, {})
    assert receiver.rows(DECIDED) == [
        {"id": "NETTVERK1", "foretak": "212345675 212345683", "status": "av_interesse", "tiltak": None},
        {"id": "NFORTALT", "foretak": "212345683", "status": "av_interesse", "tiltak": "Felles tilsyn"},
    ]


def test_groups_alone_may_be_decided_on_and_the_answer_is_received_once(
    receiver: Receiver, form: bytes
) -> None:
    fill_in(form, receiver.inbox / "sentrene" / "svar.xlsx", {}, {}, DECISION, sheet_name=GROUP_DECISIONS)
    (outcome,) = receiver(agency="sentrene")
    assert outcome.loaded == {"beslutninger": 0, "gruppebeslutninger": 1}
    assert [o.status for o in receiver(agency="sentrene") if o.is_new] == []


@pytest.mark.parametrize(
    "change",
    [
        {"gruppe_id": "NETTVERK2"},
        {"gruppe_id": "NFORTALT"},
        {"foretak": "212345675"},
        {"gruppe": "Nettverk: En annen AS"},
        {"medlemmer": "Ola Testesen"},
        {"senter": "bergen"},
        {"release_id": "2025-T2.9"},
        {"beslutning_id": "oslo-2025-T2.1-NFORTALT"},
        {"segl": "0" * 96},
    ],
    ids=str,
)
def test_a_row_that_is_not_as_it_was_made_is_set_aside_with_its_cell(
    receiver: Receiver, form: bytes, change: dict[str, Any]
) -> None:
    target = receiver.inbox / "sentrene" / "svar.xlsx"
    fill_in(form, target, DECISION | change, {}, DECISION, sheet_name=GROUP_DECISIONS)
    (outcome,) = receiver(agency="sentrene")
    assert outcome.loaded == {"beslutninger": 0, "gruppebeslutninger": 1}
    assert receiver.value("select reason from quarantine.rows") == "unknown_reference"
    assert any("Rad gruppebeslutninger!" in note for note in outcome.notes)
    assert [row["id"] for row in receiver.rows(DECIDED)] == ["212345675"]


@pytest.mark.parametrize("sheet", [GROUP_DECISIONS, INFORMED])
def test_a_form_from_before_there_was_a_sheet_still_decides(
    receiver: Receiver, form: bytes, sheet: str
) -> None:
    target = fill_in(form, receiver.inbox / "sentrene" / "svar.xlsx", DECISION)
    book = load_workbook(target)
    del book[sheet]
    book.save(target)
    assert [o.loaded for o in receiver(agency="sentrene")] == [{"beslutninger": 1}]


def test_text_without_a_decision_is_told_of_with_its_sheet(receiver: Receiver, form: bytes) -> None:
    target = receiver.inbox / "sentrene" / "svar.xlsx"
    fill_in(form, target, DECISION)
    fill_in(target.read_bytes(), target, {"tiltak": "Kanskje"}, sheet_name=GROUP_DECISIONS)
    (outcome,) = receiver(agency="sentrene")
    assert outcome.loaded == {"beslutninger": 1}
    assert any("Row gruppebeslutninger!2 holds text" in note for note in outcome.notes)


def test_a_system_decides_on_what_the_listed_lead_and_control_and_on_nothing_else(
    receiver: Receiver, published: Callable[[], None]
) -> None:
    """On the list, led by somebody on it, led by her straw man, and nobody's."""
    published()
    about = ("212345675", "212345683", "212345691", "212345705")
    rows = [
        base_row("sentrene", "gruppebeslutninger", n) | {"gruppe_id": orgnr, "foretak": orgnr}
        for n, orgnr in enumerate(about, start=1)
    ]
    (outcome,) = receiver(delta_delivery("sentrene", {"beslutninger": [], "gruppebeslutninger": rows}))
    assert outcome.quarantined == {"gruppebeslutninger": 1}
    assert [row["id"] for row in receiver.rows(DECIDED)] == list(about[:3])


def test_a_workbook_in_a_delivery_of_its_own_has_no_seals_that_were_looked_at(
    receiver: Receiver, form: bytes
) -> None:
    """It is taken as a system's file is: what it decides on was handed out, whatever its rows bear."""

    def spoil(folder: Path, manifest: dict[str, Any]) -> None:
        made_up = DECISION | {"gruppe_id": "NETTVERK9", "beslutning_id": "oslo-2025-T2.1-NETTVERK9"}
        fill_in(form, folder / "svar.xlsx", DECISION, made_up, sheet_name=GROUP_DECISIONS)
        content = (folder / "svar.xlsx").read_bytes()
        entry = {"extract": GROUP_DECISIONS, "name": "svar.xlsx", "rows": 2}
        manifest["files"] = [entry | {"bytes": len(content), "sha256": sha256(content).hexdigest()}]
        (folder / "manifest.json").write_text(json.dumps(manifest))

    (outcome,) = receiver(Delivery("sentrene", mode="delta", spoil=spoil))
    assert (outcome.status, outcome.quarantined) == ("accepted", {"gruppebeslutninger": 1})
    assert [row["id"] for row in receiver.rows(DECIDED)] == ["NETTVERK1"]
