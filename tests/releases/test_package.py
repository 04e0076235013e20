"""The data files are a valid Data Package whose hashes and types are those of the files."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest
from akrim.releases.tables import MARTS
from frictionless import Package

from tests.releases import world

pytestmark = pytest.mark.slow


def test_frictionless_finds_the_package_valid(oslo: Path) -> None:
    report = Package(str(oslo / "datapackage.json")).validate()

    assert report.valid, report.flatten(["resource", "type", "note"])
    assert report.stats["tasks"] == len(MARTS)


def test_every_resource_has_the_files_hash_and_columns(oslo: Path) -> None:
    package = json.loads((oslo / "datapackage.json").read_text())

    for resource in package["resources"]:
        path = oslo / resource["path"]
        assert resource["hash"] == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        columns = [row[0] for row in duckdb.sql(f"describe select * from '{path}'").fetchall()]
        assert [field["name"] for field in resource["schema"]["fields"]] == columns


def test_duckdb_reads_the_list(oslo: Path) -> None:
    rows = duckdb.sql(f"select person_id from '{oslo}/data/assessments.parquet' order by rank").fetchall()
    assert rows == [(world.SERIAL,), (world.PROTECTED,), (world.HOSTILE,), (world.NEWCOMER,)]
