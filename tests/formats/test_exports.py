"""Exports in other formats: valid by their own validators, typed in the workbook, without assessments."""

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from akrim.characters import visible

pytestmark = pytest.mark.slow

VALIDATORS = Path(__file__).parents[2] / ".venv-validators" / "bin" / "python"
needs_validators = pytest.mark.skipif(
    not VALIDATORS.exists(), reason="`make validators` has not built the validators' environment"
)


def problems(exports: Path) -> list[Any]:
    ran = subprocess.run(
        [VALIDATORS, Path(__file__).with_name("validate_exports.py"), exports],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


@needs_validators
def test_the_validators_find_no_error_in_exports(oslo: Path) -> None:
    assert problems(oslo / "exports") == []


@needs_validators
def test_the_validators_find_errors(oslo: Path, tmp_path: Path) -> None:
    ftm = (oslo / "exports" / "ftm.jsonl").read_text()
    bods = (oslo / "exports" / "bods.json").read_text()
    (tmp_path / "ftm.jsonl").write_text(ftm.replace('"birthDate": ["1979', '"birthDate": ["year 79'))
    (tmp_path / "bods.json").write_text(bods.replace('"boardChair"', '"chairman"'))

    found = str(problems(tmp_path))
    assert "birthDate" in found
    assert "chairman" in found


def test_roles_become_the_right_kinds_of_tie(oslo: Path) -> None:
    lines = (oslo / "exports" / "ftm.jsonl").read_text().splitlines()
    entities = {entity["id"]: entity for entity in map(json.loads, lines)}
    assert {
        role: entities[f"role-{role}"]["schema"] for role in ("role-0", "role-1", "role-3", "role-8")
    } == {
        "role-0": "Directorship",
        "role-1": "Directorship",
        "role-3": "Representation",
        "role-8": "Ownership",
    }
    interests = {
        (statement["recordId"], interest["type"])
        for statement in json.loads((oslo / "exports" / "bods.json").read_text())
        if statement["recordType"] == "relationship"
        for interest in statement["recordDetails"]["interests"]
    }
    assert interests == {
        ("relationship-200000012-p-serial", "seniorManagingOfficial"),
        ("relationship-200000020-p-serial", "boardChair"),
        ("relationship-200000039-p-serial", "seniorManagingOfficial"),
        ("relationship-200000039-p-decided", "seniorManagingOfficial"),
        ("relationship-200000055-p-protected", "rightsToProfitOrIncome"),
    }


def test_assessments_are_not_exported(oslo: Path) -> None:
    for name in ("ftm.jsonl", "bods.json"):
        text = (oslo / "exports" / name).read_text()
        for said in ("points", "trusselaktor", "status", "topics", "siktet", "dom"):
            assert f'"{said}"' not in text, f"{said} in {name}"


def test_the_workbook_holds_every_table_with_its_types(oslo: Path) -> None:
    workbook = openpyxl.load_workbook(oslo / "data.xlsx")
    tables = {path.stem: pq.read_table(path) for path in (oslo / "data").glob("*.parquet")}

    assert set(workbook.sheetnames) == {"les meg", *(name[:31] for name in tables)}
    for name, table in tables.items():
        sheet = workbook[name[:31]]
        assert sheet.freeze_panes == "A2"
        assert [cell.value for cell in sheet[1]] == table.column_names
        assert sheet.max_row == table.num_rows + 1
        for place, column in enumerate(table.columns, start=1):
            if pa.types.is_string(column.type):  # whole, however long its words are
                texts = [text if text is None else visible(text) for text in column.to_pylist()]
                assert [row[0].value for row in sheet.iter_rows(2, None, place, place)] == texts
    roles = workbook["roles"]
    first = {head.value: cell.value for head, cell in zip(roles[1], roles[2], strict=True)}
    assert first["role_id"] == "role-0"
    assert first["is_leading"] is True
    assert first["valid_from"] == datetime(2019, 5, 2)  # noqa: DTZ001 - openpyxl reads a date so
    assert first["orgnr"] == "200000012"


def test_the_workbook_explains_its_columns(oslo: Path) -> None:
    rows = list(openpyxl.load_workbook(oslo / "data.xlsx")["les meg"].iter_rows(values_only=True))
    described = {row[1]: row[2] for row in rows if row[1]}
    assert described["birth_date"] == "Fødselsdato"
    tables = {row[0]: row[3] for row in rows if row[0] and row[3]}
    assert tables["persons"].startswith("One row per release and person of interest")
