"""What the command tells of itself, and how it ends where it is asked to."""

import getpass
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points, version

import pytest
from akrim.cli import app
from akrim.orchestration.airflow import configuration
from typer.testing import CliRunner

from tests.commands.test_outside_values import COMMANDS


def test_the_version_is_that_of_what_is_installed() -> None:
    asked = CliRunner().invoke(app, ["--version"])
    assert (asked.exit_code, asked.output) == (0, f"akrim {version('akrim')}\n")


@pytest.mark.parametrize(
    "begin",
    [lambda: CliRunner().invoke(app, ["keys", "show", "--help"]), lambda: configuration.apply({})],
    ids=["a command", "a service"],
)
def test_an_account_without_a_name_is_given_one(
    begin: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a container has that runs by any number, where neither the audit log nor Airflow could say who it is."""

    def no_name(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", no_name)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "")
    begin()
    assert getpass.getuser() == f"uid-{os.getuid()}"


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


WAITING = """
import atexit, time
from akrim import cli
atexit.register(print, "put away")
cli.app = lambda: (print("waits", flush=True), time.sleep(60))
cli.main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_puts_away_what_it_holds(number: signal.Signals) -> None:
    """Such as the embedded server, which would go on with nobody to use it."""
    command = [sys.executable, "-c", WAITING]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "waits\n"
    process.send_signal(number)
    assert process.communicate(timeout=60) == ("put away\n", "")
    assert process.returncode == 128 + number


def test_each_command_has_an_example_and_each_option_an_explanation() -> None:
    assert [path for path, command in COMMANDS if "Example: " not in (command.help or "")] == []
    assert [
        (path, parameter.name)
        for path, command in COMMANDS
        for parameter in command.params
        if not parameter.help
    ] == []


def test_a_day_that_is_none_is_told_how_to_write_one() -> None:
    asked = CliRunner().invoke(app, ["audit", "export", "--since", "31.01.2026", "--out", "events.jsonl"])
    assert (asked.exit_code, "write it as 2026-01-31" in asked.output) == (2, True)
