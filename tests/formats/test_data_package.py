"""The data files are a valid Data Package whose hashes and types are those of the files."""

import hashlib
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from akrim.sharing import MARTS
from frictionless import Package

from tests.releases import world

pytestmark = pytest.mark.slow


def rows_in_place(oslo: Path) -> Package:
    """The package with its rows in place: frictionless' own Parquet reader turns an empty integer into a float."""
    document = json.loads((oslo / "datapackage.json").read_text())
    for resource in document["resources"]:
        table = pq.read_table(oslo / resource.pop("path"))
        for key in ("format", "mediatype", "hash", "bytes"):
            del resource[key]
        # Without rows there is the header alone: else frictionless finds no table.
        resource["data"] = table.to_pylist() or [table.column_names]
    return Package.from_descriptor(document)


def test_frictionless_finds_rows_types_constraints_and_keys_valid(oslo: Path) -> None:
    report = rows_in_place(oslo).validate()

    assert report.valid, report.flatten(["resource", "type", "note"])[:10]
    assert report.stats["tasks"] == len(MARTS)


@pytest.mark.parametrize(
    ("table", "column", "value", "error"),
    [
        ("persons", "record_count", "many", "type-error"),
        ("persons", "record_count", -1, "constraint-error"),
        ("assessments", "proposed_status", "mistenkt", "constraint-error"),
        ("roles", "person_id", "p-nobody", "foreign-key"),
        ("persons", "person_id", None, "constraint-error"),
    ],
)
def test_frictionless_would_find_a_wrong_cell(
    oslo: Path, table: str, column: str, value: object, error: str
) -> None:
    package = rows_in_place(oslo)
    package.get_resource(table).data[0][column] = value

    assert error in {found for (found,) in package.validate().flatten(["type"])}


def test_the_schema_is_what_the_standard_asks(oslo: Path) -> None:
    package = json.loads((oslo / "datapackage.json").read_text())
    fields = {
        (resource["name"], field["name"]): field
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
    }
    assert fields["enterprises", "employee_count"]["type"] == "integer"
    assert fields["persons", "birth_date"] == {
        "name": "birth_date",
        "type": "date",
        "title": "Fødselsdato",
        "description": "From the same order of records, the first that has one.",
    }
    evidence = fields["indicator_observations", "evidence"]
    assert evidence["type"] == "array"
    assert evidence["jsonSchema"]["items"]["properties"] == {
        "date": {"type": ["string", "null"], "format": "date"},
        **{name: {"type": ["string", "null"]} for name in ("orgnr", "agency", "extract", "source_row_id")},
        "through": {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
        **{name: {"type": ["boolean", "null"]} for name in ("lent_name", "weak_link", "through_another")},
    }
    assert {"value": "trusselaktor", "label": "Trusselaktør"} in fields["assessments", "status"]["categories"]
    assert all("description" in resource for resource in package["resources"])


def test_every_resource_has_the_files_hash_and_columns(oslo: Path) -> None:
    package = json.loads((oslo / "datapackage.json").read_text())

    for resource in package["resources"]:
        path = oslo / resource["path"]
        assert resource["hash"] == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        columns = [row[0] for row in duckdb.execute("describe from query_table(?)", [str(path)]).fetchall()]
        assert [field["name"] for field in resource["schema"]["fields"]] == columns


def test_duckdb_reads_the_list(oslo: Path) -> None:
    rows = (
        duckdb.read_parquet(str(oslo / "data" / "assessments.parquet"))
        .order("rank")
        .project("person_id")
        .fetchall()
    )
    assert rows == [(world.SERIAL,), (world.PROTECTED,), (world.HOSTILE,), (world.NEWCOMER,)]
