"""The programs of docs/connecting.md reach the marts as the page says, as far as they are installed here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import psycopg
import pytest
from akrim.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "connecting.md").read_text(encoding="utf-8")
TABLES = """
create table marts.assessments (centre_id text);
insert into marts.assessments values ('oslo'), ('oslo'), ('alta');
create view marts_current.assessments as select * from marts.assessments;
"""


@pytest.fixture
def address(warehouse: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The analysts' address, where the commands of this environment and of PostgreSQL are found."""
    from akrim.warehouse import embedded

    with psycopg.connect(warehouse) as connection:
        connection.execute(TABLES)
    path = [str(Path(sys.executable).parent), os.environ["PATH"], str(embedded.binaries())]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    return run("akrim sql --url").strip()


def run(command: str) -> str:
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)  # noqa: S607  # the page's own
    assert done.returncode == 0, done.stderr
    return done.stdout


def block(heading: str) -> str:
    """The first example below a heading."""
    found = re.search(rf"^## {heading}.*?^```\w+\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


@pytest.mark.usefixtures("address")
def test_psql_takes_the_address() -> None:
    assert re.findall(r"(\w+) +\| +(\d+)", run(block("psql"))) == [("alta", "1"), ("oslo", "2")]


@pytest.mark.usefixtures("address")
def test_pandas_takes_the_address() -> None:
    names: dict[str, object] = {}
    exec(block("Python"), names)  # noqa: S102  # the page's own
    assert names["counted"].to_dict("list") == {"centre_id": ["alta", "oslo"], "persons": [1, 2]}


@pytest.mark.usefixtures("address")
def test_r_takes_the_address(tmp_path: Path) -> None:
    program = shutil.which("Rscript")
    asked = [program or "", "-e", "library(RPostgreSQL)"]
    if not program or subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("R with its package RPostgreSQL is not installed here")
    script = tmp_path / "asking.R"
    script.write_text(block("R"), encoding="utf-8")
    assert re.findall(r"\d +(\w+) +(\d+)", run(f"Rscript '{script}'")) == [("alta", "1"), ("oslo", "2")]


def test_duckdb_takes_the_address(address: str) -> None:
    installing, attaching, asking = block("DuckDB").strip().splitlines()
    with duckdb.connect() as connection:
        try:
            connection.execute(installing)
        except duckdb.Error as error:
            pytest.skip(f"DuckDB's extension is not to be had here: {type(error).__name__}")
        connection.execute(attaching.replace("the address", address))
        assert connection.execute(asking).fetchall() == [("alta", 1), ("oslo", 2)]
