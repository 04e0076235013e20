"""Two releases compared by their files."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from akrim.commands.releases.releases import app
from akrim.contracts import centres
from akrim.errors import UserError
from akrim.releases import without_list
from akrim.releases.diff import LIST
from akrim.settings import get_settings
from typer.testing import CliRunner

from tests.audit.events import events
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

    national = CliRunner().invoke(app, ["diff", *folders, "--centre", "national", "--json"])
    moved = {
        (m["scope"], m["kind"], m["code"], m["period"]): (m["before"], m["after"])
        for m in json.loads(national.stdout)["national"]
    }
    few = {"at_least": 1, "at_most": 4}
    assert moved["oslo", "decided", "trusselaktor", ""] == ({"at_least": 6, "at_most": 6}, few)
    for figure, pair in moved.items():
        told = [_told(published / release_id, *figure) for release_id in (world.FIRST, world.SECOND)]
        assert told == [number and (number["at_least"], number["at_most"]) for number in pair], figure
        assert told[0] != told[1]


@pytest.mark.slow
def test_what_was_erased_of_one_centre_hinders_no_comparison_of_the_others(
    published: Path, tmp_path: Path
) -> None:
    earlier, later = tmp_path / world.FIRST, published / world.SECOND
    shutil.copytree(published / world.FIRST, earlier)
    shutil.rmtree(earlier / "bergen" / "data")

    told = CliRunner().invoke(app, ["diff", str(earlier), str(later), "--json"])

    assert told.exit_code == 0, told.output
    assert set(json.loads(told.stdout)) == set(centres()) - {"bergen"}
    assert without_list(earlier, later) == {"bergen"}
    alone = CliRunner().invoke(app, ["diff", str(earlier), str(later), "--centre", "bergen"])
    assert isinstance(alone.exception, UserError)
    assert "no list for this centre" in str(alone.exception)


@pytest.mark.parametrize("named", [[], ["--centre", "oslo"]], ids=["all", "one"])
def test_folders_that_are_no_releases_are_not_told_to_be_alike(tmp_path: Path, named: list[str]) -> None:
    parts = [tmp_path / release_id / "oslo" for release_id in (world.FIRST, world.SECOND)]
    for part in parts:
        part.mkdir(parents=True)
        (part / "manifest.json").touch()
    told = CliRunner().invoke(app, ["diff", *map(str, parts), *named])
    assert isinstance(told.exception, UserError)
    assert "Neither is a release's folder" in str(told.exception)


@pytest.mark.parametrize(
    "columns", [None, {"person_id": ["P1"], "rank": [1]}], ids=["no table", "another table"]
)
def test_a_table_that_was_damaged_on_the_way_is_named(tmp_path: Path, columns: dict[str, Any] | None) -> None:
    for release_id in (world.FIRST, world.SECOND):
        table = tmp_path / release_id / "oslo" / LIST
        table.parent.mkdir(parents=True)
        (table.parent.parent / "manifest.json").touch()
        if columns is None:
            table.write_bytes(b"cut short")
        else:
            pq.write_table(pa.table(columns), table)
    told = CliRunner().invoke(app, ["diff", *(str(tmp_path / r) for r in (world.FIRST, world.SECOND))])
    assert isinstance(told.exception, UserError)
    assert "cannot be read" in told.exception.what
    assert told.exception.where.endswith(str(LIST))


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"versions": ["1"]},
        {"inputs": {"nav": [1]}},
        {"centres": [{"centre_id": "oslo", "erased": "yes"}]},
    ],
    ids=["no fields", "versions", "inputs", "erased"],
)
def test_a_manifest_that_says_other_things_is_no_defect_of_the_program(
    tmp_path: Path, content: dict[str, Any]
) -> None:
    about = (
        {"release_id": "2026-T1.1", "as_of": "", "data_mode": "", "previous_release_id": None}
        if content
        else {}
    )
    for centre in content.get("centres", []):
        centre |= {"path": "oslo/manifest.json", "bytes": 1, "sha256": ""}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": [], **about, **content}))
    told = CliRunner().invoke(app, ["show", str(tmp_path)])
    assert isinstance(told.exception, UserError)
    assert "other things than a release" in told.exception.what


def _told(release: Path, scope: str, kind: str, code: str, period: str) -> tuple[int, int] | None:
    """What the release's national part tells of a figure."""
    name, wanted = (
        ("national_measures", {"scope": scope, "measure": code, "period": period})
        if kind == "measure"
        else ("national_counts", {"scope": scope, "kind": kind, "code": code})
    )
    rows = pq.read_table(release / "national" / "data" / f"{name}.parquet").to_pylist()
    found = [row for row in rows if wanted.items() <= row.items() and row["at_least"] is not None]
    return (found[0]["at_least"], found[0]["at_most"]) if found else None


def test_who_is_shown_of_the_installations_own_releases_is_logged(published: Path, warehouse: str) -> None:
    """By whichever name of its folder; of what lies elsewhere, as at a centre, nothing is."""
    elsewhere = [str(published / release_id) for release_id in (world.FIRST, world.SECOND)]
    assert CliRunner().invoke(app, ["diff", *elsewhere, "--centre", "oslo"]).exit_code == 0
    assert events(warehouse, "consultation") == []
    releases = get_settings().releases_path
    releases.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(published, releases)
    for named in ([world.FIRST, world.SECOND], [str(releases / world.FIRST), elsewhere[1]]):
        asked = ["diff", *named, "--centre", "oslo", "--by", "Kari", "--purpose", "sak 17, hvem flyttet seg"]
        assert CliRunner().invoke(app, asked).exit_code == 0
        event = events(warehouse, "consultation")[-1]
        assert (event["by_name"], event["purpose"]) == ("Kari", "sak 17, hvem flyttet seg")
        assert event["detail"] == {"command": "releases diff"}
        assert set(event["persons"]) == {world.NEWCOMER, world.LEAVER, world.SERIAL}
    assert len(events(warehouse, "consultation")) == 2
