"""Whole deliveries: what a sound one leaves behind, what comes again, late or unnamed, and where from."""

import errno
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from akrim.contracts import load_contracts
from akrim.deliveries.inbox.files import StorageFailed
from akrim.deliveries.receiving_lock import agency_lock
from akrim.errors import Unreachable
from akrim.settings import get_settings

from tests.deliveries.building import BASE, OPTIONAL, base_row, delta_delivery, full_delivery
from tests.deliveries.conftest import Receiver
from tests.deliveries.spoiling import parquet_with, raw


@pytest.mark.parametrize("agency", [agency for agency in BASE if agency != "sentrene"])
def test_a_sound_delivery_is_loaded_whole(receiver: Receiver, agency: str) -> None:
    outcome = receiver(full_delivery(agency))[0]
    assert (outcome.status, outcome.quarantined) == ("accepted", {}), outcome
    assert outcome.loaded == dict.fromkeys(BASE[agency].keys() - OPTIONAL, 3)
    assert receiver.value("select count(*) from quarantine.rows") == 0


def test_of_several_reasons_the_first_is_given(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    delivery.raw["saker"] = delivery.content("saker", delivery.rows["saker"])[1].replace(b"aarsak", b"grunn")
    delivery.raw["lonnsgaranti"] = (
        delivery.content("lonnsgaranti", delivery.rows["lonnsgaranti"])[1] + b"\xff\r\n"
    )
    assert receiver(delivery)[0].code == "unreadable_file"


def test_the_same_delivery_again_is_a_no_op_and_other_content_is_refused(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    receiver(delivery)
    assert receiver(agency="nav")[0].status == "already_loaded"
    folder = receiver.inbox / "nav" / delivery.delivery_id
    os.utime(folder / "saker.csv")
    assert receiver(agency="nav")[0].status == "already_loaded"
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    delivery.rows["saker"][0]["feilutbetalt_beloep"] = "2"
    outcome = receiver(delivery)[0]
    assert (outcome.status, outcome.code) == ("refused", "delivery_id_reused")
    assert receiver.value("select count(*) from landing.nav_saker where feilutbetalt_beloep = '2'") == 0
    assert receiver.value("select count(*) from meta.deliveries") == 2


def test_a_refused_id_may_come_again(receiver: Receiver) -> None:
    delivery = full_delivery("nav", manifest={"synthetic": False})
    folder = receiver.inbox / "nav" / delivery.delivery_id
    assert receiver(delivery)[0].code == "synthetic_mismatch"
    assert receiver(agency="nav")[0].is_new is False
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(content | {"synthetic": True}))
    assert receiver(agency="nav")[0].status == "accepted"


def test_a_file_that_comes_late_is_seen_though_the_manifest_is_the_same(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    folder = delivery.write(receiver.inbox)
    late = (folder / "saker.csv").read_bytes()
    (folder / "saker.csv").unlink()
    assert receiver(agency="nav")[0].code == "file_missing"
    (folder / "saker.csv").write_bytes(late)
    assert receiver(agency="nav")[0].status == "accepted"
    assert receiver.rows("select status from meta.deliveries") == [{"status": "accepted"}]


@pytest.mark.parametrize("broken", ["saker.csv", "manifest.json"])
def test_a_mounted_inbox_that_breaks_off_refuses_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    folder = full_delivery("nav").write(receiver.inbox)
    opened = os.open

    def breaking(path: Any, *given: Any, **named: Any) -> int:
        if Path(path) == folder / broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return opened(path, *given, **named)

    with monkeypatch.context() as away:
        away.setattr(os, "open", breaking)
        with pytest.raises(StorageFailed, match=r"EIO"):
            receiver(agency="nav")
        assert receiver.value("select count(*) from meta.deliveries") == 0
        # What lies beside it is another matter, as where a disk cannot read one file any more.
        full_delivery("nav", period="2026-T1").write(receiver.inbox)
        with pytest.raises(StorageFailed, match=r"EIO"):
            receiver(agency="nav")
        assert receiver.rows("select period, status from meta.deliveries") == [
            {"period": "2026-T1", "status": "accepted"}
        ]
    assert receiver(agency="nav")[0].status == "accepted"


def test_what_was_accepted_of_another_agency_is_superseded_by_nobody(receiver: Receiver) -> None:
    receiver(full_delivery("politiet"), agency="politiet")
    correction = full_delivery("nav")
    correction.manifest["supersedes"] = "politiet-2025-T3-01"
    outcome = receiver(correction, agency="nav")[0]
    assert outcome.code == "unknown_predecessor"
    assert outcome.detail == "It supersedes 'politiet-2025-T3-01', which was never accepted of nav."


def test_a_delta_without_predecessor_is_tried_again_on_every_run(receiver: Receiver) -> None:
    delta = delta_delivery(
        "nav",
        {"saker": [base_row("nav", "saker", 1) | {"aarsak": "fiktivt_arbeidsforhold"}]},
        period="2026-T1",
    )
    assert receiver(delta)[0].code == "unknown_predecessor"
    outcomes = receiver(full_delivery("nav"), agency="nav")
    assert [outcome.status for outcome in outcomes] == ["accepted", "accepted"]


def test_an_unknown_agency_is_seen_and_recorded(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    delivery.manifest = {"agency": "toll", "delivery_id": "toll-2025-T3-01"}
    folder = delivery.write(receiver.inbox)
    folder.parent.rename(receiver.inbox / "toll")
    (receiver.inbox / "toll" / folder.name).rename(receiver.inbox / "toll" / "toll-2025-T3-01")
    (receiver.inbox / "toll" / "tom").mkdir()
    assert {o.delivery_id: o.code for o in receiver.strays()} == {
        "toll-2025-T3-01": "unknown_agency",
        "tom": "manifest_missing",
    }
    assert receiver.value("select count(*) from meta.deliveries where agency = 'toll'") == 2


def test_files_that_the_manifest_does_not_name_are_noted_and_never_read(receiver: Receiver) -> None:
    delivery = full_delivery("nav", spoil=lambda folder, _: (folder / "notat.txt").write_bytes(b"\xff"))
    outcome = receiver(delivery)[0]
    assert outcome.notes == ["not declared, not read: notat.txt"]
    assert receiver.value("select notes from meta.deliveries") == outcome.notes


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"\r\n", b"\n"),
        lambda content: content.removesuffix(b"\r\n"),
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.replace(b"\r\n", b"\r\n\r\n"),
        lambda content: b";".join(content.split(b";")),
    ],
)
def test_line_ends_and_byte_order_marks_are_no_matter(
    receiver: Receiver, change: Callable[[bytes], bytes]
) -> None:
    delivery = full_delivery("nav")
    raw("saker", change)(delivery)
    assert receiver(delivery)[0].loaded["saker"] == 3


def test_a_header_without_rows_and_very_long_text_are_accepted(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    delivery.rows["saker"] = []
    delivery.rows["personer"][0]["navn"] = "TESTESEN, " + "å" * 300_000
    assert receiver(delivery)[0].status == "accepted"
    assert receiver.value("select max(length(navn)) from landing.nav_personer") == 300_010


def test_parquet_numbers_and_dates_are_taken_in_their_own_types(receiver: Receiver) -> None:
    import datetime

    delivery = full_delivery("skatteetaten")
    raw(
        "arbeidsforhold",
        parquet_with(
            startdato=pa.array([datetime.date(2020, 1, 1)] * 3),
            stillingsprosent=pa.array([100.0, 33.5, None]),
            maanedslonn=pa.array([45000.0, 1.0, 2.5]),
        ),
    )(delivery)
    receiver(delivery)
    landed = receiver.rows(
        "select startdato, stillingsprosent, maanedslonn from landing.skatteetaten_arbeidsforhold order by row_number"
    )
    assert landed == [
        {"startdato": "2020-01-01", "stillingsprosent": "100", "maanedslonn": "45000"},
        {"startdato": "2020-01-01", "stillingsprosent": "33.5", "maanedslonn": "1"},
    ]
    assert receiver.value("select reason from quarantine.rows") == "bad_value"


@pytest.mark.parametrize(
    ("pay", "landed"),
    [
        # What Spark makes of a decimal: Arrow writes its nought as 0E-18.
        (pa.array(map(Decimal, ("0", "45000", "1200.00")), pa.decimal128(38, 18)), ["0", "45000", "1200"]),
        (pa.array(map(Decimal, ("0", "-7", "45000")), pa.decimal128(20, 7)), ["0", "-7", "45000"]),
        (pa.array([0.0, -0.0, 1e12], pa.float64()), ["0", "0", "1000000000000"]),
    ],
)
def test_no_parquet_number_is_written_by_a_power_of_ten(
    receiver: Receiver, pay: pa.Array, landed: list[str]
) -> None:
    share = pa.array(map(Decimal, ("0", "0.0000001", "100")), pa.decimal128(38, 18))
    delivery = full_delivery("skatteetaten")
    raw("arbeidsforhold", parquet_with(maanedslonn=pay, stillingsprosent=share))(delivery)
    receiver(delivery)
    rows = receiver.rows(
        "select maanedslonn, stillingsprosent from landing.skatteetaten_arbeidsforhold order by row_number"
    )
    assert [row["maanedslonn"] for row in rows] == landed
    assert [row["stillingsprosent"] for row in rows] == ["0", "0.0000001", "100"]


def test_every_contract_has_base_rows_here() -> None:
    assert {agency: {e.name for e in c.extracts} for agency, c in load_contracts().items()} == {
        agency: set(extracts) for agency, extracts in BASE.items()
    }


def test_what_was_verified_is_what_is_loaded(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    folder = delivery.write(receiver.inbox)
    declared = {f["name"]: f["sha256"] for f in json.loads((folder / "manifest.json").read_text())["files"]}
    receiver(agency="nav")
    assert {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in declared} == declared
    assert not (get_settings().home / "spool" / "nav").exists()


IN_STORAGE = """
import sys
import fsspec
from akrim.deliveries import receive, scan
from akrim.deliveries.inbox.listing import open_inbox
from akrim.errors import UserError
from expectations import suite_for

inbox = sys.argv[1]
fsspec.filesystem("memory").put(inbox, "/test-inbox", recursive=True)
address = {"file": "file://" + inbox, "memory": "memory://test-inbox"}[sys.argv[2]]
assert {arrival.agency for arrival in scan(address)} == {"nav", "politiet"}
assert receive(address, "nav", suite_for)[0].status == "accepted"
assert receive(address, "politiet", suite_for)[0].code == "manifest_missing"
assert receive(address, "nav", suite_for)[0].status == "already_loaded"
assert scan(address) == []
try:
    open_inbox("tape://reel/1")
except UserError as error:
    assert "No storage of the kind tape" in str(error)
else:
    raise AssertionError("tape:// is no storage")
"""


@pytest.mark.parametrize("scheme", ["file", "memory"])
def test_the_inbox_may_be_any_object_storage_address(receiver: Receiver, scheme: str) -> None:
    """In a process of its own: it imports Airflow, which must not happen here before its settings are made."""
    full_delivery("nav").write(receiver.inbox)
    full_delivery("politiet", spoil=lambda folder, _: (folder / "manifest.json").unlink()).write(
        receiver.inbox
    )
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": f"{root}:{root / 'include'}"}
    command = [sys.executable, "-c", IN_STORAGE, str(receiver.inbox), scheme]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_lock_that_went_with_the_database_hides_neither_a_fault_nor_what_was_done(
    receiver: Receiver,
) -> None:
    ended = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )

    def work(fault: Exception | None = None) -> None:
        with agency_lock("nav"):
            receiver.run(ended)
            if fault:
                raise fault

    work()
    with pytest.raises(Unreachable, match="no answer"):
        work(Unreachable("no answer"))
    with agency_lock("nav"), psycopg.connect(receiver.address) as other:
        tried = other.execute("select pg_try_advisory_lock(hashtext('akrim.receive.nav'))")
        assert tried.fetchone() == (False,)
