"""What the command tells of itself."""

import sys
from importlib.metadata import entry_points, version

import pytest
from akrim.cli import app
from typer.testing import CliRunner


def test_the_version_is_that_of_what_is_installed() -> None:
    asked = CliRunner().invoke(app, ["--version"])
    assert (asked.exit_code, asked.output) == (0, f"akrim {version('akrim')}\n")


class _Interrupting:
    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "akrim.cli":
            raise KeyboardInterrupt


def test_interrupted_while_its_parts_are_read_it_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (command,) = entry_points(group="console_scripts", name="akrim")
    monkeypatch.delitem(sys.modules, "akrim.cli")
    monkeypatch.setattr(sys, "meta_path", [_Interrupting(), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        command.load()()
    assert ended.value.code == 130
