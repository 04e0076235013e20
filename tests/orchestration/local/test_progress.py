"""What a run shows on a terminal while it works."""

import io
import sys

import pytest
from akrim.orchestration.local.progress import Progress
from rich.console import Console


def test_what_others_print_meanwhile_is_kept_from_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """It goes where this process's output goes: to the log, in a run."""
    terminal = io.StringIO()
    progress = Progress(Console(file=terminal, force_terminal=True))
    progress.begin("link")
    print("Airflow's words")
    print("dbt's words", file=sys.stderr)
    progress.end("link", "link")
    progress.close()
    assert "done" in terminal.getvalue()
    assert "words" not in terminal.getvalue()
    assert capsys.readouterr() == ("Airflow's words\n", "dbt's words\n")
