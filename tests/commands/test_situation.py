"""What `akrim situation` refuses before it reads anything."""

from pathlib import Path

from akrim.cli import app
from akrim.errors import UserError
from typer.testing import CliRunner


def test_two_forms_at_once_are_refused(home: Path) -> None:
    refused = CliRunner().invoke(app, ["situation", "--json", "--csv"]).exception
    assert isinstance(refused, UserError)
    assert refused.where == "--json, --csv"
    assert not (home / "postgres").exists()
