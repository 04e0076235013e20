"""What a run that made no release, or a reception that failed, says on the terminal: each reason once."""

import json
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from akrim.cli import app
from akrim.deliveries import DeliveryOutcome
from akrim.errors import UserError
from akrim.orchestration import local
from akrim.orchestration.local import in_process
from akrim.orchestration.local.walk import Walk
from typer.testing import CliRunner


def no_table() -> list[dict[str, str]]:
    """As in a database in which the run could lay nothing."""
    raise psycopg.errors.UndefinedTable('relation "meta.sent_releases" does not exist')


def test_a_run_without_a_release_says_each_reason_once(monkeypatch: pytest.MonkeyPatch) -> None:
    storage, nothing = "The storage broke off.", "Nothing was delivered."
    failures = {
        "receive_brreg": storage,
        "receive_nav": storage,
        "receive_politiet": nothing,
        "assess": nothing,
    }
    outcome = local.RunOutcome(None, False, [], {}, {}, [], [], failures, Path("run.log"))
    monkeypatch.setattr(local, "run", lambda *_: outcome)
    monkeypatch.setattr("akrim.sending.missing_receipts", no_table)
    ran = CliRunner().invoke(app, ["run", "--period", "2026-T1"])
    said = f"{ran.stdout}{ran.exception}"
    assert said.startswith("failed receive_brreg, receive_nav: The storage broke off.\nlog run.log\n")
    assert [said.count(reason) for reason in (storage, nothing)] == [1, 1]


@pytest.mark.usefixtures("home")
def test_a_run_of_what_is_out_and_whose_files_are_lost_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = local.RunOutcome("2026-T1.1", False, [], {}, {}, [], [], {}, Path("run.log"))
    monkeypatch.setattr(local, "run", lambda *_: outcome)
    monkeypatch.setattr("akrim.sending.missing_receipts", list)
    ran = CliRunner().invoke(app, ["run", "--period", "2026-T1"])
    assert ran.exit_code == 1
    assert "2026-T1.1 is out, but its files are not here" in str(ran.exception)


def test_a_run_tells_what_was_set_aside_a_line_an_agency(monkeypatch: pytest.MonkeyPatch) -> None:
    quarantined = {"nav/saker": 2, "brreg/roller": 8, "nav/personer": 6}
    outcome = local.RunOutcome(
        None, False, [], quarantined, {}, [], [], {"assess": "Nothing was delivered."}, Path("run.log")
    )
    monkeypatch.setattr(local, "run", lambda *_: outcome)
    ran = CliRunner().invoke(app, ["run", "--period", "2026-T1"])
    lines = ran.stdout.splitlines()
    assert lines[-3:] == [
        "set aside rows, of all deliveries in the inbox (see `akrim quarantine`):",
        "  brreg: 8 of roller",
        "  nav: 6 of personer, 2 of saker",
    ]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_run_says_which_centres_got_nothing_for_want_of_a_key(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = local.RunOutcome("2026-T1.1", True, [], {}, {}, [], ["alta", "oslo"], {}, Path("run.log"))
    monkeypatch.setattr(local, "run", lambda *_: outcome)
    monkeypatch.setattr("akrim.sending.missing_receipts", list)
    monkeypatch.setattr("akrim.ledger.require_files", lambda _: tmp_path)
    ran = CliRunner().invoke(app, ["run", "--period", "2026-T1", *options])
    assert ran.exit_code == 0
    if options:
        assert json.loads(ran.stdout)["without_keys"] == ["alta", "oslo"]
    else:
        assert "no key, not sent alta, oslo; `akrim keys add` takes one" in ran.stdout


@pytest.mark.usefixtures("home")
def test_a_reception_that_failed_says_where_and_what_next_once(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = SimpleNamespace(errors={"scan_inbox": UserError("There is no inbox.", "inbox", "Name one.")})
    monkeypatch.setattr(in_process, "_walk", lambda *_: (Walk({}), failed))
    ran = CliRunner().invoke(app, ["receive"])
    assert str(ran.exception) == "scan_inbox failed: There is no inbox.\n  where: inbox\n  next:  Name one."
    assert ran.stdout == ""


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_where_that_of_one_agency_failed_it_is_told_what_became_of_the_others(
    options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = {
        "receive_sentrene": UserError("The key of decision forms is damaged.", "forms.key", "Put it back."),
        "receive_toll": UserError("Two are told.", "toll", "See."),
    }
    taken = DeliveryOutcome("nav-2026-T1-01", "nav", "accepted", loaded={"saker": 3})
    walked = Walk({}, outcomes=[asdict(taken)])
    monkeypatch.setattr(in_process, "_walk", lambda *_: (walked, SimpleNamespace(errors=errors)))
    ran = CliRunner().invoke(app, ["receive", *options])
    assert "nav-2026-T1-01" in ran.stdout
    if options:
        assert json.loads(ran.stdout) == [asdict(taken)]
    assert ran.exit_code == 1
    assert all(f"{dag_id} failed: {error.what}" in str(ran.exception) for dag_id, error in errors.items())
