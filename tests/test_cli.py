"""What the command tells of itself, and how it ends where it is asked to."""

import signal
import subprocess
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
