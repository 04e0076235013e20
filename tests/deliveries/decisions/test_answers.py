"""What a centre is answered: how many decisions were read, each row and each form that was not, and nothing of any other centre."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from akrim.contracts import GROUP_DECISIONS, INFORMED
from akrim.deliveries import withdraw
from akrim.deliveries.decisions import SEAL_COLUMN, answers_since
from akrim.keys.centres import trust_signer
from akrim.ledger import mark_published
from akrim.orchestration.pinning import pin
from akrim.periods import Period
from akrim.releases.provenance.schema import check_pins
from akrim.trust import signing
from akrim.trust.keyring import KeyFile
from akrim.warehouse import connect
from openpyxl import load_workbook

from tests.deliveries.building import full_delivery
from tests.deliveries.conftest import Receiver
from tests.deliveries.forms import DECISION, RELEASE, cell_of, fill_in, make_form
from tests.releases.test_pins_schema import DOCUMENT

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOTE = "Ola Nordmann bor i Storgata 1"


def answers(moment: datetime = LONG_AGO, period: str = "2031-T3") -> dict[str, dict[str, Any]]:
    with connect() as connection:
        return answers_since(connection, moment, period)


@pytest.fixture
def folder(receiver: Receiver, published: Callable[[], None]) -> Path:
    published()
    made = receiver.inbox / "sentrene"
    made.mkdir()
    return made


def test_it_counts_what_was_read_and_names_the_cells_of_what_was_not(
    receiver: Receiver, folder: Path
) -> None:
    form = make_form(groups=[("NETTVERK1", "212345675 212345683")])
    bad = DECISION | {"status": NOTE, "besluttet_dato": "i går"}
    target = fill_in(form, folder / "svar.xlsx", DECISION, bad, {"tiltak": NOTE})
    fill_in(target.read_bytes(), target, DECISION | {"ansvarlig_etat": NOTE}, sheet_name=GROUP_DECISIONS)
    fill_in(make_form("bergen", ["PBERGEN"]), folder / "bergens.xlsx", DECISION | {"tiltak": NOTE})
    receiver(agency="sentrene")

    told = answers()

    assert told["bergen"] == {"read": 1, "rows": [], "refused": []}
    assert told.keys() == {"bergen", "oslo"}
    assert (told["oslo"]["read"], told["oslo"]["refused"]) == (1, [])
    by_row = {
        frozenset((c["extract"], c["cell"], c["column"], c["code"]) for c in row)
        for row in told["oslo"]["rows"]
    }
    group_cell = _cell_of(form, GROUP_DECISIONS, "ansvarlig_etat")
    assert by_row == {
        frozenset({
            ("beslutninger", cell_of(form, "status", 3), "status", "unknown_code"),
            ("beslutninger", cell_of(form, "besluttet_dato", 3), "besluttet_dato", "bad_date"),
        }),
        frozenset({("gruppebeslutninger", group_cell, "ansvarlig_etat", "unknown_code")}),
        frozenset({("beslutninger", "4", "", "no_decision")}),
    }  # fmt: skip
    check_answers(told)
    assert not any(word in json.dumps(told) for word in ("Ola", "PPERSON", "NETTVERK", "212345675"))


def test_a_form_for_a_later_periods_release_is_no_part_of_an_earlier_ones_answer(
    receiver: Receiver, folder: Path
) -> None:
    """Its decisions are no part of a revision of the earlier period either, whose state ends before them."""
    wrong = DECISION | {"status": "kjeltring"}
    fill_in(make_form(), folder / "svar.xlsx", DECISION, wrong)
    fill_in(make_form(), folder / "avvist.xlsx", DECISION, all_rows={SEAL_COLUMN: None})
    receiver(agency="sentrene")
    told = answers(period="2025-T2")["oslo"]
    assert (told["read"], len(told["rows"]), len(told["refused"])) == (1, 1, 1)
    assert answers(period="2025-T1") == {}


def test_what_a_later_form_put_right_is_no_longer_told(receiver: Receiver, folder: Path) -> None:
    """Nor is a row told twice that is still wrong, nor counted twice what was sent again."""
    wrong = DECISION | {"status": "kjeltring"}
    for number, rows in enumerate(
        ((DECISION, wrong, wrong), (DECISION, DECISION, wrong | {"status": "skurk"}))
    ):
        fill_in(make_form(), folder / f"svar {number}.xlsx", *rows)
        receiver(agency="sentrene")
    told = answers()["oslo"]
    assert told["read"] == 2
    assert [cell["cell"] for row in told["rows"] for cell in row] == [cell_of(make_form(), "status", 4)]


def test_what_a_later_releases_form_put_right_is_no_longer_told(receiver: Receiver, folder: Path) -> None:
    """Whoever does as told fills in the form that came with the answer; what is wrong in that one is told of it alone."""
    later = "2025-T2.2"
    receiver.enter_release(later, published_at="now")
    receiver.run(
        f"insert into marts.release_persons select '{later}', centre_id, person_id from marts.release_persons"
    )
    wrong = DECISION | {"status": "kjeltring"}
    fill_in(make_form(), folder / "a.xlsx", wrong, wrong, wrong)
    receiver(agency="sentrene")
    undated = DECISION | {"besluttet_dato": "i går"}
    fill_in(make_form(release_id=later), folder / "b.xlsx", DECISION, undated)
    receiver(agency="sentrene")
    told = answers()["oslo"]
    assert told["read"] == 1
    assert sorted((cell["cell"], cell["code"]) for row in told["rows"] for cell in row) == [
        (cell_of(make_form(), "status", 4), "unknown_code"),
        (cell_of(make_form(), "besluttet_dato", 3), "bad_date"),
    ]


def test_a_note_alone_is_told_of_the_form_that_was_read_last(receiver: Receiver, folder: Path) -> None:
    """A form that was refused after it takes nothing of that away."""
    for name, rows, seal in (
        ("a", ({"tiltak": NOTE}, {"tiltak": NOTE}), {}),
        ("b", (DECISION, {"tiltak": NOTE}), {}),
        ("c", (DECISION,), {SEAL_COLUMN: None}),
    ):
        fill_in(make_form(), folder / f"{name}.xlsx", *rows, all_rows=seal)
        receiver(agency="sentrene")
    told = answers()["oslo"]
    assert [cell["cell"] for row in told["rows"] for cell in row] == ["3"]
    assert [refused["is_replaced"] for refused in told["refused"]] == [False]


def test_forms_that_were_refused_are_told_to_whoever_they_were_made_for(
    receiver: Receiver, folder: Path, home: Path
) -> None:
    """By their seals, or else by the one centre that they name; a file that names none is told nobody."""
    form = make_form()
    never = fill_in(form, folder / "of no release.xlsx", DECISION, all_rows={"release_id": "2031-T1.9"})
    fill_in(never.read_bytes(), never, all_rows={"release_id": "2031-T1.9"}, sheet_name=INFORMED)
    fill_in(form, folder / "another centre's.xlsx", DECISION, all_rows={"senter": "bergen"})
    fill_in(form, folder / "of no centre.xlsx", DECISION, all_rows={"senter": NOTE})
    fill_in(form, folder / "without seals.xlsx", DECISION, all_rows={SEAL_COLUMN: None})
    book = load_workbook(BytesIO(form))
    book["beslutninger"]["A1"].value = "senter"
    book.save(folder / "a column twice.xlsx")
    (folder / "no workbook.xlsx").write_bytes(b"x")
    keys = home.parent / "keys"
    signing.create_pair(keys / KeyFile.DECISIONS_SECRET, keys / KeyFile.DECISIONS, "key for decisions")
    trust_signer("alta", keys / KeyFile.DECISIONS)
    fill_in(make_form("alta", ["PALTA"]), folder / "not signed.xlsx", DECISION)
    assert {outcome.status for outcome in receiver(agency="sentrene")} == {"refused"}

    told = answers()

    assert told.keys() == {"oslo", "alta"}
    assert told["alta"]["refused"] == [
        {"release_id": RELEASE, "code": "bad_signature", "forms": 1, "is_replaced": False}
    ]
    refused = {(r["release_id"], r["code"]): r["forms"] for r in told["oslo"]["refused"]}
    assert refused == {(None, "unreadable_file"): 1, (RELEASE, "unreadable_file"): 4}
    assert (told["oslo"]["read"], told["oslo"]["rows"]) == (0, [])
    assert NOTE not in json.dumps(told)


def test_a_refused_form_is_told_to_be_replaced_once_a_later_one_was_read(
    receiver: Receiver, folder: Path
) -> None:
    fill_in(make_form(), folder / "a.xlsx", DECISION, all_rows={SEAL_COLUMN: None})
    receiver(agency="sentrene")
    fill_in(make_form(), folder / "b.xlsx", DECISION)
    receiver(agency="sentrene")
    (refused,) = answers()["oslo"]["refused"]
    assert refused["is_replaced"]


def test_rows_of_a_form_with_too_many_wrong_are_told_too(receiver: Receiver, folder: Path) -> None:
    form = make_form(persons=[f"PPERSON{n}" for n in range(1, 13)])
    fill_in(form, folder / "svar.xlsx", *[DECISION | {"status": "kjeltring"}] * 12)
    receiver(agency="sentrene")
    told = answers()["oslo"]
    assert told["refused"] == [
        {"release_id": RELEASE, "code": "quarantine_share", "forms": 1, "is_replaced": False}
    ]
    assert len(told["rows"]) == told["in_refused"] == 12
    check_answers({"oslo": told})


def test_what_came_before_and_what_was_withdrawn_is_not_told(receiver: Receiver, folder: Path) -> None:
    fill_in(make_form(), folder / "svar.xlsx", DECISION | {"status": "kjeltring"}, DECISION)
    (outcome,) = receiver(agency="sentrene")
    assert answers().keys() == {"oslo"}
    assert answers(datetime.now(UTC)) == {}
    withdraw(outcome.delivery_id, "Kari Vakt", "feil senter")
    assert answers() == {}


def test_a_release_pins_them_and_they_alone_make_no_release(receiver: Receiver, folder: Path) -> None:
    """Nor do they shake one that is on hold; what was pinned and not published stays as it was, the rest is told next time."""
    receiver(full_delivery("nav"))
    fill_in(make_form(), folder / "a.xlsx", DECISION, DECISION | {"status": NOTE})
    receiver(agency="sentrene")
    pinned = pin(Period.parse("2025-T3"))
    assert pinned.is_new
    assert pinned.inputs["answers"] == answers()
    assert pinned.inputs["answers"]["oslo"]["read"] == 1

    fill_in(make_form("bergen", ["PBERGEN"]), folder / "b.xlsx", DECISION, all_rows={SEAL_COLUMN: None})
    receiver(agency="sentrene")
    assert answers().keys() == {"bergen", "oslo"}
    again = pin(Period.parse("2025-T3"))
    assert (again.release_id, again.fingerprint) == (pinned.release_id, pinned.fingerprint)
    assert again.inputs == pinned.inputs

    with connect() as connection:
        mark_published(connection, pinned.release_id)
    assert not pin(Period.parse("2025-T3")).is_new
    receiver(full_delivery("nav", period="2026-T1"))
    later = pin(Period.parse("2026-T1")).inputs["answers"]
    assert later.keys() == {"bergen"}
    assert later["bergen"]["refused"][0]["release_id"] == RELEASE
    check_answers(later)


def test_a_revision_says_again_what_the_one_before_it_said(receiver: Receiver, folder: Path) -> None:
    """Also where an earlier period was assessed anew in between."""
    fill_in(make_form(), folder / "a.xlsx", DECISION)
    receiver(agency="sentrene")
    told = []
    for number, period in enumerate(("2025-T3", "2025-T2", "2025-T3", "2025-T2"), start=1):
        at = {"delivered_at": f"2026-02-0{number}T06:00:00+01:00"}
        receiver(full_delivery("nav", number=number, period=period, manifest=at))
        pinned = pin(Period.parse(period))
        with connect() as connection:
            mark_published(connection, pinned.release_id)
        told.append((pinned.release_id, pinned.inputs["answers"]["oslo"]["read"]))
    assert told == [("2025-T3.1", 1), ("2025-T2.2", 1), ("2025-T3.2", 1), ("2025-T2.3", 1)]


def check_answers(answered: dict[str, Any]) -> None:
    """They pass the schema of pins.json, in which texts are of closed patterns."""
    document = copy.deepcopy(DOCUMENT)
    document["releases"][0]["inputs"]["answers"] = answered
    check_pins(document)


def _cell_of(form: bytes, sheet: str, column: str) -> str:
    cells = load_workbook(BytesIO(form))[sheet][1]
    return next(f"{cell.column_letter}2" for cell in cells if cell.value == column)
