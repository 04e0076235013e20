"""A home of its own, filled by a module of the tests in a process of its own, as Airflow reads its configuration once."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from akrim.settings import PROJECT_ROOT
from akrim.warehouse import embedded

from tests.installation import inherited


def make_home(home: Path, module: str, *arguments: Path) -> str:
    """What `python -m MODULE ARGUMENTS` with that home has printed; the home's server is up afterwards."""
    made = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env=inherited() | {"AKRIM_HOME": str(home), "AKRIM_PROCESSES": "1"}, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    embedded.ensure_running(home / "postgres")
    return made.stdout


def query(home: Path, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What its warehouse answers."""
    with psycopg.connect(f"postgresql://akrim@localhost/akrim?host={home / 'postgres'}") as connection:
        return connection.execute(statement.encode(), parameters or None).fetchall()
