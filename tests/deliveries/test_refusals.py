"""Every refusal code of the specification: a delivery that is spoilt so is refused whole."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from akrim.deliveries.outcome import REFUSAL_CODES

from tests.deliveries.building import BASE, full_delivery, person_number
from tests.deliveries.conftest import Receiver, of_landing
from tests.deliveries.spoiling import (
    Spoiler,
    file_added,
    file_entry,
    json_lines,
    linked,
    linked_manifest,
    manifest,
    named,
    named_twice,
    parquet_with,
    raw,
    removed,
    rewritten,
    together,
    without,
)

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
    ("manifest_unreadable", "nav", file_entry(rows=-1)),
    ("manifest_unreadable", "nav", named_twice("extract")),
    ("manifest_unreadable", "nav", named_twice("name")),
    ("unknown_agency", "nav", manifest(agency="toll")),
    ("unknown_contract_version", "nav", manifest(contract_version="9.9")),
    ("unknown_mode", "nav", manifest(mode="incremental")),
    ("unknown_mode", "sentrene", lambda delivery: setattr(delivery, "mode", "full")),
    ("misplaced", "nav", manifest(agency="politiet")),
    ("misplaced", "nav", manifest(delivery_id="nav-2025-T3-77")),
    ("misplaced", "nav", named("politiet-2025-T3-01")),
    ("synthetic_mismatch", "nav", without("synthetic")),
    ("synthetic_mismatch", "nav", manifest(synthetic=False)),
    ("synthetic_mismatch", "nav", manifest(synthetic="true")),
    ("unknown_predecessor", "nav", manifest(supersedes="nav-2025-T2-01")),
    ("bad_file_name", "nav", file_entry(name="../saker.csv")),
    ("bad_file_name", "nav", file_entry(name="mappe\\saker.csv")),
    ("bad_file_name", "nav", file_entry(name=f"saker {person_number(0)}.csv")),
    ("bad_file_name", "nav", file_entry(name="saker\n.csv")),
    ("bad_file_name", "nav", lambda delivery: setattr(delivery, "spoil", linked)),
    ("bad_file_name", "nav", lambda delivery: setattr(delivery, "spoil", linked_manifest)),
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


# Each way to spoil a delivery has a code that comes before that of the next in the specification's order.
IN_ORDER: list[tuple[str, Spoiler]] = [
    ("manifest_unreadable", manifest(period="2025-T4")),
    ("unknown_agency", manifest(agency="toll")),
    ("unknown_contract_version", manifest(contract_version="9.9")),
    ("unknown_mode", manifest(mode="incremental")),
    ("misplaced", manifest(delivery_id="nav-2025-T3-77")),
    ("synthetic_mismatch", manifest(synthetic=False)),
    ("unknown_predecessor", manifest(supersedes="nav-2025-T2-01")),
    ("bad_file_name", lambda delivery: setattr(delivery, "spoil", linked)),
    ("file_missing", removed("lonnsgaranti.csv")),
    ("bytes_mismatch", file_entry(bytes=1)),
    ("sha256_mismatch", file_entry(sha256="0" * 64)),
    ("extract_missing", lambda delivery: delivery.rows.pop("personer")),
    ("unknown_extract", file_added(extract="diagnoser", name="diagnoser.csv")),
    ("unreadable_file", raw("saker", lambda content: content + b"\xff\r\n")),
    ("columns", raw("lonnsgaranti", lambda content: content.replace(b"beloep", b"sum"))),
    ("rows_mismatch", file_entry(rows=9)),
]


@pytest.mark.parametrize("first", range(len(IN_ORDER) - 1), ids=[code for code, _ in IN_ORDER[:-1]])
def test_of_two_reasons_the_specifications_first_is_given(receiver: Receiver, first: int) -> None:
    delivery = full_delivery("nav")
    (code, spoil), (_, spoil_too) = IN_ORDER[first : first + 2]
    together(spoil_too, spoil)(delivery)
    assert receiver(delivery)[0].code == code


def test_the_table_above_has_every_code_that_the_specification_lists() -> None:
    elsewhere = {"bad_signature", "delivery_id_reused", "quarantine_share"}
    assert {code for code, _, _ in REFUSALS} | elsewhere == set(REFUSAL_CODES)


@pytest.mark.parametrize(("days", "is_noted"), [(-1, False), (0.9, False), (1.1, True), (20_000, True)])
def test_a_delivery_that_says_it_is_of_a_time_to_come_is_noted(
    receiver: Receiver, days: float, is_noted: bool
) -> None:
    """It stands above all that come before that time, and the specification has no code to refuse it by."""
    delivery = full_delivery("nav")
    said = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    delivery.manifest = {"delivered_at": said.isoformat()}
    outcome = receiver(delivery)[0]
    assert outcome.status == "accepted", outcome.detail
    assert [f"delivered_at is {said.isoformat()}, which is still to come" in n for n in outcome.notes] == [
        True
    ] * is_noted
    assert receiver.value("select notes from meta.deliveries") == outcome.notes
