"""Of forms that exclude one another none is let go unsaid."""

from pathlib import Path
from typing import Any

import pytest
from akrim.cli import app
from akrim.errors import UserError
from typer.testing import CliRunner

from tests.commands.test_outside_values import COMMANDS

FORMS = ("--json", "--csv")


def _given(command: Any, form: str, folder: Path) -> list[str]:
    option = next(parameter for parameter in command.params if form in parameter.opts)
    return [form] if option.is_flag else [form, str(folder / "written.csv")]


WITH_FORMS = [
    pytest.param(path, command, id=" ".join(path))
    for path, command in COMMANDS
    if all(any(form in parameter.opts for parameter in command.params) for form in FORMS)
]


def test_commands_of_several_forms_are_found() -> None:
    assert len(WITH_FORMS) >= 4


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(("path", "command"), WITH_FORMS)
def test_two_forms_at_once_are_refused(path: list[str], command: Any, tmp_path: Path) -> None:
    forms = [word for form in FORMS for word in _given(command, form, tmp_path)]
    ran = CliRunner().invoke(app, [*path, *forms])
    assert isinstance(ran.exception, UserError)
    assert "several forms at once" in str(ran.exception)
    assert not ran.stdout


@pytest.mark.usefixtures("warehouse")
def test_how_far_readings_agree_is_no_file_of_pairs(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["link", "review", "--agreement", "--out", str(tmp_path / "pairs.csv")])
    assert "no list of pairs" in str(ran.exception)
