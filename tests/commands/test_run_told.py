"""What a run that made no release, or a reception that failed, says on the terminal: each reason once."""

from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from akrim.cli import app
from akrim.errors import UserError
from akrim.orchestration import local
from akrim.orchestration.local import in_process
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
    outcome = local.RunOutcome(None, False, [], {}, {}, [], failures, Path("run.log"))
    monkeypatch.setattr(local, "run", lambda *_: outcome)
    monkeypatch.setattr("akrim.sending.missing_receipts", no_table)
    ran = CliRunner().invoke(app, ["run", "--period", "2026-T1"])
    said = f"{ran.stdout}{ran.exception}"
    assert said.startswith("failed receive_brreg, receive_nav: The storage broke off.\nlog run.log\n")
    assert [said.count(reason) for reason in (storage, nothing)] == [1, 1]


@pytest.mark.usefixtures("home")
def test_a_reception_that_failed_says_where_and_what_next_once(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = SimpleNamespace(errors={"scan_inbox": UserError("There is no inbox.", "inbox", "Name one.")})
    monkeypatch.setattr(in_process, "_walk", lambda *_: (None, failed))
    ran = CliRunner().invoke(app, ["receive"])
    assert str(ran.exception) == "scan_inbox failed: There is no inbox.\n  where: inbox\n  next:  Name one."
