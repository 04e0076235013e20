"""No person number that a sender wrote where none belongs, in a manifest or a name, is recorded, logged or told."""

import logging
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.deliveries.building import Delivery, full_delivery, person_number
from tests.deliveries.conftest import Receiver

NUMBER = person_number(0)
SPACED = f"{NUMBER[:2]}.{NUMBER[2:4]}.{NUMBER[4:6]} {NUMBER[6:]}"
REAL = person_number(0, series=0)
FILE = {"rows": 0, "bytes": 0, "sha256": "0" * 64}
RECORDED = ("meta.deliveries", "meta.delivery_files", "audit.events")


def declared(*files: tuple[str, str]) -> dict[str, Any]:
    return {"files": [FILE | {"extract": extract, "name": name} for extract, name in files]}


def everything_told(receiver: Receiver, outcomes: Any, log: pytest.LogCaptureFixture) -> str:
    rows = [receiver.rows(f"select t::text from {table} as t") for table in RECORDED]
    return f"{outcomes} {rows} {[record.getMessage() for record in log.records]}"


def no_number_in(text: str) -> bool:
    return all(number not in text for number in (NUMBER, SPACED, f"{NUMBER[:6]} {NUMBER[6:]}", REAL))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"supersedes": NUMBER}, "unknown_predecessor"),
        ({"mode": f"full {NUMBER}"}, "unknown_mode"),
        ({"contract_version": REAL}, "unknown_contract_version"),
        ({"agency": NUMBER}, "unknown_agency"),
        ({"purpose": NUMBER, "legal_basis": f"nr. {REAL}"}, None),
        ({"synthetic": {NUMBER: SPACED}}, "synthetic_mismatch"),
        (declared((NUMBER, "a.csv"), (REAL, "b.csv")), "file_missing"),
        # As the first of them is told, and as the second would be.
        (
            declared((NUMBER, "a.csv"), ("*********** (1)", "b.csv"), ("*********** (2)", "c.csv")),
            "file_missing",
        ),
        (declared(("saker", f"{NUMBER[:6]} {NUMBER[6:]}.csv"), ("personer", f"{REAL}.csv")), "bad_file_name"),
        (declared(("saker", f"{SPACED}.csv")), "bad_file_name"),
    ],
)
def test_of_what_a_manifest_says(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, change: dict[str, Any], code: str | None
) -> None:
    caplog.set_level(logging.INFO)
    (outcome,) = receiver(full_delivery("nav", manifest=change))
    assert (outcome.status, outcome.code) == ("refused" if code else "accepted", code)
    assert no_number_in(everything_told(receiver, outcome, caplog))
    (again,) = receiver(agency="nav")
    assert again.status == ("refused" if code else "already_loaded")


def test_of_extracts_that_nobody_agreed_on(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    empty = {"sha256": sha256(b"").hexdigest()}
    files = [
        FILE | empty | {"extract": number, "name": f"{n}.csv"} for n, number in enumerate((NUMBER, REAL))
    ]
    unknown = Delivery("nav", number=2, mode="delta", manifest={"files": files}, spoil=write_empty)
    outcomes = receiver(full_delivery("nav"), unknown)
    assert [outcome.code for outcome in outcomes] == [None, "unknown_extract"]
    assert no_number_in(everything_told(receiver, outcomes, caplog))


def write_empty(folder: Path, manifest: dict[str, Any]) -> None:
    for file in manifest["files"]:
        (folder / file["name"]).write_bytes(b"")


@pytest.mark.parametrize("agency", ["nav", NUMBER])
def test_of_folders(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, agency: str, tmp_path: Path
) -> None:
    """Two of them are told apart, and each is refused once."""
    for number in (NUMBER, REAL):
        folder = receiver.inbox / agency / f"mappe {number}"
        folder.mkdir(parents=True)
        (folder / "saker.csv").write_text(number[:6])
    outcomes = [receiver.strays() if agency == NUMBER else receiver(agency=agency) for _ in range(2)]
    assert [[o.code for o in each] for each in outcomes] == [["manifest_missing"] * 2] * 2
    assert [[o.is_new for o in each] for each in outcomes] == [[True] * 2, [False] * 2]
    assert receiver.value("select count(*) from meta.deliveries") == 2
    assert receiver.value("select count(*) from audit.events") == 2
    assert no_number_in(everything_told(receiver, outcomes, caplog))


def test_of_decision_forms(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    folder = receiver.inbox / "sentrene"
    folder.mkdir()
    (folder / f"{NUMBER}.xlsx").write_bytes(b"no workbook")
    outcomes = receiver(agency="sentrene")
    assert [outcome.code for outcome in outcomes] == ["unreadable_file"]
    assert no_number_in(everything_told(receiver, outcomes, caplog))
