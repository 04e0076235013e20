"""Whole deliveries: every refusal code of the specification, and what a sound delivery leaves behind."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from akrim.contracts import load_contracts
from akrim.deliveries.outcome import REFUSAL_CODES
from akrim.settings import get_settings

from tests.deliveries.building import (
    BASE,
    OPTIONAL,
    Delivery,
    base_row,
    delta_delivery,
    full_delivery,
    person_number,
)
from tests.deliveries.conftest import Receiver, of_landing

Spoiler = Callable[[Delivery], None]


def manifest(**fields: Any) -> Spoiler:
    return lambda delivery: delivery.manifest.update(fields)


def without(field: str) -> Spoiler:
    def spoil(folder: Path, content: dict[str, Any]) -> None:
        del content[field]
        (folder / "manifest.json").write_text(json.dumps(content))

    return lambda delivery: setattr(delivery, "spoil", spoil)


def rewritten(content: bytes) -> Spoiler:
    return lambda d: setattr(d, "spoil", lambda folder, _: (folder / "manifest.json").write_bytes(content))


def file_entry(**fields: Any) -> Spoiler:
    """Change the first file's entry in the manifest."""

    def spoil(folder: Path, content: dict[str, Any]) -> None:
        content["files"][0] |= fields
        (folder / "manifest.json").write_text(json.dumps(content))

    return lambda delivery: setattr(delivery, "spoil", spoil)


def named_twice(field: str) -> Spoiler:
    def spoil(folder: Path, content: dict[str, Any]) -> None:
        content["files"][1][field] = content["files"][0][field]
        (folder / "manifest.json").write_text(json.dumps(content))

    return lambda delivery: setattr(delivery, "spoil", spoil)


def file_added(**fields: Any) -> Spoiler:
    """Name one more file, and put it there."""

    def spoil(folder: Path, content: dict[str, Any]) -> None:
        (folder / fields["name"]).write_bytes(b"a;b")
        digest = hashlib.sha256(b"a;b").hexdigest()
        content["files"].append({"rows": 0, "bytes": 3, "sha256": digest} | fields)
        (folder / "manifest.json").write_text(json.dumps(content))

    return lambda delivery: setattr(delivery, "spoil", spoil)


def raw(extract: str, change: Callable[[bytes], bytes]) -> Spoiler:
    def spoil(delivery: Delivery) -> None:
        delivery.raw[extract] = change(delivery.content(extract, delivery.rows[extract])[1])

    return spoil


def removed(name: str) -> Spoiler:
    return lambda delivery: setattr(delivery, "spoil", lambda folder, _: (folder / name).unlink())


def linked(folder: Path, _: dict[str, Any]) -> None:
    (folder / "saker.csv").rename(folder.parent / "elsewhere.csv")
    (folder / "saker.csv").symlink_to(folder.parent / "elsewhere.csv")


def json_lines(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return lambda content: gzip.compress(change(gzip.decompress(content).decode()).encode(), mtime=0)


def parquet_with(**columns: pa.Array) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        table = pq.read_table(pa.BufferReader(content))
        for name, values in columns.items():
            place = table.schema.get_field_index(name)
            table = table.append_column(name, values) if place < 0 else table.set_column(place, name, values)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        return sink.getvalue().to_pybytes()

    return change


REFUSALS: list[tuple[str, str, Spoiler]] = [
    ("manifest_missing", "nav", removed("manifest.json")),
    ("manifest_unreadable", "nav", rewritten(b"{")),
    ("manifest_unreadable", "nav", rewritten('{"agency": "næv"}'.encode("iso-8859-1"))),
    ("manifest_unreadable", "nav", rewritten(b"[]")),
    ("manifest_unreadable", "nav", without("purpose")),
    ("manifest_unreadable", "nav", without("supersedes")),
    ("manifest_unreadable", "nav", manifest(delivered_at="i går")),
    ("manifest_unreadable", "nav", manifest(delivered_at="2026-01-05")),
    ("manifest_unreadable", "nav", manifest(period="2025-T4")),
    ("manifest_unreadable", "nav", manifest(period="2025-T2")),
    ("manifest_unreadable", "nav", manifest(delivered_at="2025-12-31T23:59:59+01:00")),
    ("manifest_unreadable", "nav", manifest(period="2030-T1", delivery_id="nav-2030-T1-01")),
    ("manifest_unreadable", "nav", manifest(delivery_id="nav-2025-T3-1")),
    ("manifest_unreadable", "nav", manifest(delivery_id="nav-'x'-2025-T3-01")),
    ("manifest_unreadable", "nav", manifest(files={})),
    ("manifest_unreadable", "nav", file_entry(rows="3")),
    ("manifest_unreadable", "nav", named_twice("extract")),
    ("manifest_unreadable", "nav", named_twice("name")),
    ("unknown_agency", "nav", manifest(agency="toll")),
    ("unknown_contract_version", "nav", manifest(contract_version="9.9")),
    ("unknown_mode", "nav", manifest(mode="incremental")),
    ("unknown_mode", "sentrene", lambda delivery: setattr(delivery, "mode", "full")),
    ("misplaced", "nav", manifest(agency="politiet")),
    ("misplaced", "nav", manifest(delivery_id="nav-2025-T3-77")),
    ("synthetic_mismatch", "nav", without("synthetic")),
    ("synthetic_mismatch", "nav", manifest(synthetic=False)),
    ("synthetic_mismatch", "nav", manifest(synthetic="true")),
    ("unknown_predecessor", "nav", manifest(supersedes="nav-2025-T2-01")),
    ("bad_file_name", "nav", file_entry(name="../saker.csv")),
    ("bad_file_name", "nav", file_entry(name="mappe\\saker.csv")),
    ("bad_file_name", "nav", file_entry(name=f"saker {person_number(0)}.csv")),
    ("bad_file_name", "nav", file_entry(name="saker\n.csv")),
    ("bad_file_name", "nav", lambda delivery: setattr(delivery, "spoil", linked)),
    ("file_missing", "nav", removed("saker.csv")),
    ("bytes_mismatch", "nav", file_entry(bytes=1)),
    ("sha256_mismatch", "nav", file_entry(sha256="0" * 64)),
    ("extract_missing", "nav", lambda delivery: delivery.rows.pop("saker")),
    ("unknown_extract", "nav", file_added(extract="diagnoser", name="diagnoser.csv")),
    ("unreadable_file", "nav", raw("saker", lambda content: b"")),
    ("unreadable_file", "nav", raw("saker", lambda content: content + b"\xff\xfe\r\n")),
    ("unreadable_file", "nav", raw("saker", lambda content: content + b'a;"b;c\r\n')),
    ("unreadable_file", "nav", raw("saker", lambda content: content + b"a\0b\r\n")),
    ("unreadable_file", "nav", raw("saker", lambda content: content + b"x" * 20_000_000)),
    ("unreadable_file", "brreg", raw("roller", lambda content: content[:-9])),
    ("unreadable_file", "brreg", raw("roller", lambda content: b"not gzip")),
    ("unreadable_file", "brreg", raw("roller", json_lines(lambda text: text + '{"a": \n'))),
    ("unreadable_file", "brreg", raw("roller", json_lines(lambda text: text + "[]\n"))),
    (
        "unreadable_file",
        "brreg",
        raw("enheter", json_lines(lambda text: text + '{"x":' * 3000 + "1" + "}" * 3000)),
    ),
    (
        "unreadable_file",
        "brreg",
        raw("roller", json_lines(lambda text: text.replace("Prøve", "Pr\\u0000ve", 1))),
    ),
    ("unreadable_file", "brreg", raw("roller", json_lines(lambda text: text.replace("Prøve", "\\ud800", 1)))),
    ("unreadable_file", "skatteetaten", raw("personer", lambda content: content[:100])),
    ("columns", "nav", raw("saker", lambda content: content.replace(b"aarsak", b"grunn"))),
    ("columns", "nav", raw("saker", lambda content: content.replace(b"aarsak", b"ytelseskode"))),
    ("columns", "nav", raw("saker", lambda content: content.replace(b"sak_id;", b"sak_id;diagnose;", 1))),
    (
        "columns",
        "nav",
        raw("saker", lambda content: content.replace(b"anmeldt_dato\r", b"anmeldt_dato;_slettet\r", 1)),
    ),
    (
        "columns",
        "brreg",
        raw("roller", json_lines(lambda text: text.replace('"fra"', '"nasjonalitet": "X", "fra"', 1))),
    ),
    (
        "columns",
        "brreg",
        raw("roller", json_lines(lambda text: text.replace('"fra": "', '"fra": "2015-01-01", "fra": "', 1))),
    ),
    ("columns", "brreg", raw("roller", json_lines(lambda text: text.replace('"DAGL"', '["DAGL"]', 1)))),
    ("columns", "brreg", raw("enheter", json_lines(lambda text: text.replace('"Oppgang B"', '{"x": 1}', 1)))),
    ("columns", "skatteetaten", raw("personer", parquet_with(ident=pa.array([1, 2, 3])))),
    ("columns", "skatteetaten", raw("personer", parquet_with(nasjonalitet=pa.array(["a", "b", "c"])))),
    (
        "columns",
        "skatteetaten",
        raw("arbeidsforhold", parquet_with(startdato=pa.array([1, 2, 3], pa.timestamp("s")))),
    ),
    ("columns", "skatteetaten", raw("arbeidsforhold", parquet_with(maanedslonn=pa.array([[1], [2], [3]])))),
    ("rows_mismatch", "nav", file_entry(rows=4)),
    ("rows_mismatch", "brreg", file_entry(rows=2)),
]


@pytest.mark.parametrize(
    ("code", "agency", "spoil"), REFUSALS, ids=[f"{n}-{c[0]}" for n, c in enumerate(REFUSALS)]
)
def test_a_spoilt_delivery_is_refused_whole(
    receiver: Receiver, code: str, agency: str, spoil: Spoiler
) -> None:
    delivery = full_delivery(agency)
    spoil(delivery)

    outcome = receiver(delivery)[0]

    assert (outcome.status, outcome.code) == ("refused", code), outcome
    assert str(outcome.detail).endswith(".")
    recorded = receiver.rows("select status, reason, detail from meta.deliveries")
    assert recorded == [{"status": "refused", "reason": code, "detail": outcome.detail}]
    assert receiver.value("select coalesce(sum(rows_loaded), 0) from meta.delivery_files") == 0
    for extract in BASE[agency]:
        assert receiver.value(of_landing("select count(*) from {}", f"{agency}_{extract}")) == 0
    assert (
        receiver.value("select count(*) from information_schema.schemata where schema_name ~ '^scratch'") == 0
    )


def test_the_table_above_has_every_code_that_the_specification_lists() -> None:
    elsewhere = {"bad_signature", "delivery_id_reused", "quarantine_share"}
    assert {code for code, _, _ in REFUSALS} | elsewhere == set(REFUSAL_CODES)


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


def test_a_folder_still_being_filled_waits_under_a_schedule_only(receiver: Receiver) -> None:
    delivery = full_delivery("nav", spoil=lambda folder, _: (folder / "manifest.json").unlink())
    assert receiver(delivery, is_scheduled=True)[0].status == "waiting"
    assert receiver.rows("select * from meta.deliveries") == []
    folder = receiver.inbox / "nav" / delivery.delivery_id
    for file in folder.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    assert receiver(agency="nav", is_scheduled=True)[0].code == "manifest_missing"


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
