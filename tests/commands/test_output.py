"""What commands print: tables of which nothing is cut however narrow the terminal, or that nothing is found; and JSON."""

import io
import json
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from akrim.changes import Consequences
from akrim.cli import app
from akrim.commands.output import Screen, bare_table, print_json
from rich.table import Table
from typer.testing import CliRunner


def test_a_table_that_is_too_wide_keeps_every_letter_its_title_and_its_caption() -> None:
    told = io.StringIO()
    table = Table("person", "points", "before", title="Who moved", caption="since 2025-T3.1")
    table.add_row("PWLZH2L6IA73S", "12", "8")
    Screen(file=told, width=30, force_terminal=True, color_system=None).table(table)
    lines = [line.split() for line in told.getvalue().splitlines()]
    assert lines == [
        ["Who", "moved"], ["-", "1", "-"], ["person", "PWLZH2L6IA73S"], ["points", "12"],
        ["before", "8"], ["since", "2025-T3.1"],
    ]  # fmt: skip


@pytest.mark.usefixtures("home")
def test_a_command_cuts_nothing_on_a_narrow_terminal() -> None:
    shown = CliRunner(env={"COLUMNS": "36", "FORCE_COLOR": "1"}).invoke(app, ["keys", "show"])
    assert "…" not in shown.output
    assert "kristiansand" in shown.output


def test_in_place_of_a_table_without_rows_it_is_said_that_nothing_is_found() -> None:
    told = io.StringIO()
    Screen(file=told).table(bare_table("person"), "Nothing differs.")
    assert told.getvalue() == "Nothing differs.\n"


def test_what_if_says_that_nobody_would_move(warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = SimpleNamespace(release_id="2026-T1.1", variables={}, inputs={"code": ""}, delivery_ids=[])
    monkeypatch.setattr("akrim.ledger.load", lambda _: pins)
    monkeypatch.setattr("akrim.rules.compile_rules", lambda *_: None)
    monkeypatch.setattr("akrim.changes.what_if", lambda *_: Consequences([], [], [], [], []))
    purpose = ["--by", "kari", "--purpose", "K-2026-014, review"]
    asked = ["--without", "nav", "--release", pins.release_id, "--persons", *purpose]
    told = CliRunner().invoke(app, ["rules", "what-if", *asked])
    assert told.exit_code == 0, told.exception
    assert told.output.splitlines()[-1] == "Nobody would move."


def test_json_is_one_line_of_ascii_with_numbers_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal of another encoding would write what is no JSON."""
    print_json([{"name": "Åse \u202e", "share": Decimal("0.5"), "day": date(2026, 4, 30)}])
    told = capsys.readouterr().out
    assert (told.isascii(), told.count("\n")) == (True, 1)
    assert json.loads(told) == [{"name": "Åse \u202e", "share": 0.5, "day": "2026-04-30"}]
