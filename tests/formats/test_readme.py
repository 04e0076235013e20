"""The README of a centre's folder: it names every file that is there, and what it says to run, runs."""

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def readme(oslo: Path) -> str:
    return (oslo / "README.md").read_text("utf-8")


def blocks(readme: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)


def test_it_names_every_file(oslo: Path, readme: str) -> None:
    # The signature beside the manifest, the folder of differences, and what was asked for besides.
    others = {"README.md", "manifest.json.minisig", "delta", "exports"}
    assert {path.name for path in oslo.iterdir()} - others <= {
        name.rstrip("/") for name in re.findall(r"`([\w./]+)`", readme)
    }


def test_its_sql_tells_what_the_tables_hold(oslo: Path, readme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(oslo)
    (block,) = blocks(readme, "sql")
    listed, fired, evidence = [duckdb.sql(query).fetchall() for query in block.split(";")[:-1]]
    assert len(listed) == pq.read_metadata("data/assessments.parquet").num_rows
    assert fired[0][1] >= fired[-1][1] >= 1
    assert all(agency and extract for _, agency, extract, _, _ in evidence)


def test_its_line_of_pandas_runs(oslo: Path, readme: str) -> None:
    (block,) = blocks(readme, "python")
    subprocess.run([sys.executable, "-c", block], cwd=oslo, check=True)
