"""Tables on a terminal that is too narrow for them: a line for each value, and nothing cut."""

import io

import pytest
from akrim.cli import app
from akrim.commands.output import Screen
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
