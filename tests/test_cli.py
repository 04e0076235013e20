"""What the command tells of itself."""

from importlib.metadata import version

from akrim.cli import app
from typer.testing import CliRunner


def test_the_version_is_that_of_what_is_installed() -> None:
    asked = CliRunner().invoke(app, ["--version"])
    assert (asked.exit_code, asked.output) == (0, f"akrim {version('akrim')}\n")
