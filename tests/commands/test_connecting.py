"""The programs of docs/connecting.md reach the marts as the page says, as far as they are installed here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from akrim.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "connecting.md").read_text(encoding="utf-8")
CLIENT = PROJECT_ROOT / ".venv-clients" / "bin" / "python"
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


def blocks(heading: str) -> list[str]:
    """The examples below a heading."""
    section = re.split(rf"^## {heading}", PAGE, flags=re.MULTILINE)[1].split("\n## ")[0]
    return re.findall(r"^```\w+\n(.*?)^```", section, re.DOTALL | re.MULTILINE)


@pytest.mark.usefixtures("address")
def test_psql_takes_the_address() -> None:
    assert re.findall(r"(\w+) +\| +(\d+)", run(blocks("psql")[0])) == [("alta", "1"), ("oslo", "2")]


@pytest.mark.usefixtures("address")
def test_pandas_takes_the_address() -> None:
    names: dict[str, object] = {}
    exec(blocks("Python")[0], names)  # noqa: S102  # the page's own
    assert names["counted"].to_dict("list") == {"centre_id": ["alta", "oslo"], "persons": [1, 2]}


@pytest.mark.usefixtures("address")
def test_r_takes_the_address(tmp_path: Path) -> None:
    program = shutil.which("Rscript")
    asked = [program or "", "-e", "library(RPostgreSQL)"]
    if not program or subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("R with its package RPostgreSQL is not installed here")
    script = tmp_path / "asking.R"
    script.write_text(blocks("R")[0], encoding="utf-8")
    assert re.findall(r"\d +(\w+) +(\d+)", run(f"Rscript '{script}'")) == [("alta", "1"), ("oslo", "2")]


def test_duckdb_takes_the_address(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an analyst's own DuckDB, whose extension comes as a package and not from its makers' server."""
    if not CLIENT.exists():
        pytest.skip("`make .venv-clients/ready` has not built the clients' environment")
    asking, packages, installing = blocks("DuckDB")
    locked = (PROJECT_ROOT / "locks" / "clients.in").read_text(encoding="utf-8").splitlines()
    assert packages.split()[2:] == [line for line in locked if not line.startswith("#")]

    monkeypatch.setenv("HOME", str(tmp_path))
    attached = asking.replace("the address", address)
    quiet = (
        "duckdb.sql('SET enable_progress_bar_print = false')"  # a slow machine would see one among the rows
    )
    script = f"{installing}\n{quiet}\nfor row in duckdb.sql({attached!r}).fetchall(): print(*row)"
    assert subprocess.check_output([CLIENT, "-c", script], text=True) == "alta 1\noslo 2\n"
