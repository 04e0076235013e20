"""Two releases compared by their files."""

import json
from pathlib import Path

import pytest
from akrim.commands.releases.releases import app
from akrim.contracts import centres
from typer.testing import CliRunner

from tests.releases import world


@pytest.mark.slow
def test_any_two_releases_can_be_compared(published: Path, home: Path) -> None:
    folders = [str(published / release_id) for release_id in (world.FIRST, world.SECOND)]

    result = CliRunner().invoke(app, ["diff", *folders, "--centre", "oslo", "--json"])

    changes = json.loads(result.stdout)["oslo"]
    assert [(c["person_id"], c["change"]) for c in changes] == [
        (world.NEWCOMER, "entered"), (world.LEAVER, "left"), (world.SERIAL, "rose"), (world.SERIAL, "status"),
    ]  # fmt: skip

    everybody = CliRunner().invoke(app, ["diff", *folders, "--json"])
    assert set(json.loads(everybody.stdout)) == set(centres()), "there is no national list"
