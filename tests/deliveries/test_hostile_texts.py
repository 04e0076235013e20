"""The corpus of hostile texts sent in real deliveries: kept as sent, and inert in CSV, terminal and log."""

import csv
import gzip
import hashlib
import io
import json
import logging
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim.characters import plain, visible
from akrim.settings import PROJECT_ROOT
from jinja2 import Environment

from tests.deliveries.building import BASE, Delivery, base_row, full_delivery
from tests.deliveries.conftest import Receiver, of_landing
from tests.hostile import corpus

TEXTS = [case.text for case in corpus()]
SET_ASIDE = 10


def hidden(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"}


def laced(agency: str, extract: str, **fields: Callable[[str], Any]) -> Delivery:
    """A full delivery whose rows of that extract bear the corpus in those fields."""
    delivery = full_delivery(agency)
    delivery.rows[extract] = [
        base_row(agency, extract, number) | {name: made(text) for name, made in fields.items()}
        for number, text in enumerate(TEXTS, start=1)
    ]
    return delivery


@pytest.fixture
def received(receiver: Receiver, published: Callable[[], None]) -> Receiver:
    published()
    persons = laced("skatteetaten", "personer", etternavn=str, adresse=str)
    for row in persons.rows["personer"][:SET_ASIDE]:
        row["fodselsdato"] = "31.02.1980"
    enterprises = laced("brreg", "enheter", navn=str)
    decisions = laced("sentrene", "beslutninger", tiltak=str)
    outcomes = [outcome for delivery in (persons, enterprises, decisions) for outcome in receiver(delivery)]
    assert [outcome.status for outcome in outcomes] == ["accepted"] * 3
    return receiver


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    from akrim.cli import app
    from typer.testing import CliRunner

    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_text_is_kept_as_it_was_sent(received: Receiver) -> None:
    for column, table in (("navn", "brreg_enheter"), ("tiltak", "sentrene_beslutninger")):
        kept = [
            row[column] for row in received.rows(of_landing("select * from {} order by row_number", table))
        ]
        assert kept == TEXTS, table
    kept = received.rows("select etternavn, adresse from landing.skatteetaten_personer order by row_number")
    assert [(row["etternavn"], row["adresse"]) for row in kept] == [
        (text, text) for text in TEXTS[SET_ASIDE:]
    ]


def test_csv_runs_nothing_and_hides_nothing(received: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    # Analysts do not read the landing tables: what they hold is put where analysts may look.
    received.run("create table marts.texts as select * from landing.sentrene_beslutninger")
    query = "select tiltak, 7 as number, -1.5 as negative, null as empty from marts.texts order by row_number"
    printed = asked(capsys, "sql", query, "--csv")
    rows = list(csv.reader(io.StringIO(printed, newline="")))

    assert rows[0] == ["tiltak", "number", "negative", "empty"]
    assert [row[0] for row in rows[1:]] == [plain(text) for text in TEXTS]
    assert not any(row[0].startswith(("=", "+", "-", "@", "\t", "\r")) or hidden(row[0]) for row in rows[1:])
    assert {tuple(row[1:]) for row in rows[1:]} == {("7", "-1.5", "")}


def test_no_sign_that_nobody_sees_is_left() -> None:
    """Control, format, half a character, private use, unassigned, separators; a line's end alone stays."""
    assert visible("\0\x1b\u202e\ud800\ue000\u0378\u2028\u2029\n") == "\ufffd" * 8 + "\n"


def test_what_was_set_aside_is_shown_inert(received: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    table = asked(capsys, "quarantine", "--rows")
    as_json = asked(capsys, "quarantine", "--rows", "--json")

    assert hidden(table) == set()
    assert hidden(as_json) == set()
    raw = [row["raw"] for row in json.loads(as_json) if row["extract"] == "personer"]
    assert sorted(str(row["etternavn"]) for row in raw) == sorted(TEXTS[:SET_ASIDE])


def test_no_log_line_bears_a_text(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        receiver(laced("brreg", "enheter", navn=str))
    said = caplog.text + "".join(capfd.readouterr())
    assert not [text for text in TEXTS if text in said]


def test_half_a_character_harms_nobody(receiver: Receiver) -> None:
    """A lone surrogate can stand in JSON and nowhere in a text: the row or the delivery is refused, nothing stops."""

    def halved(folder: Path, manifest: dict[str, Any]) -> None:
        path = folder / "enheter.jsonl.gz"
        text = gzip.decompress(path.read_bytes()).decode().replace("PRØVE BYGG AS", "PR\\ud800VE AS", 1)
        content = gzip.compress(text.encode(), mtime=0)
        path.write_bytes(content)
        (entry,) = (file for file in manifest["files"] if file["extract"] == "enheter")
        entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        (folder / "manifest.json").write_text(json.dumps(manifest))

    assert "enheter" in BASE["brreg"]
    outcomes = receiver(full_delivery("brreg", spoil=halved), full_delivery("brreg", number=2))
    assert {outcome.delivery_id: outcome.status for outcome in outcomes}["brreg-2025-T3-02"] == "accepted"
    assert receiver.value("select count(distinct navn) from landing.brreg_enheter") == 1


def test_marks_without_end_on_one_letter_keep_the_database_from_nothing(warehouse: str) -> None:
    """PostgreSQL composes them in time by the square of their number, and cannot be interrupted meanwhile."""
    macros = (PROJECT_ROOT / "dbt_project" / "macros" / "standardise.sql").read_text("utf-8")
    staged = [
        Environment(autoescape=False).from_string(f"{macros}{{{{ {macro}('v') }}}}").render()  # noqa: S701  # SQL of ours
        for macro in ("clean_text", "trimmed_text")
    ]
    with psycopg.connect(warehouse) as connection:
        for expression in (*staged, "meta.address_key(v)", "meta.home_key(v)"):
            query = f"select {expression} from (select %s::text as v) as t"
            assert connection.execute(query.encode(), ["A\u030asgate\u00a0"]).fetchone() in {
                ("\u00c5sgate",),
                ("asg",),
                ("asgata",),
            }
            before = time.monotonic()
            connection.execute(query.encode(), ["a" + "\u0301" * 40_000 + "\u0327" * 40_000])
            assert time.monotonic() - before < 10
