"""The DAGs as Airflow loads them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import create_database, drop_database

if TYPE_CHECKING:
    from airflow.sdk import DAG

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def dags(airflow: None) -> dict[str, "DAG"]:
    from akrim.orchestration.airflow.internals import load_dags

    return load_dags()


@pytest.fixture
def compose_database(server: str) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL with the two databases that the compose file's own has: `akrim` and `airflow`."""
    names = ("compose_akrim", "compose_airflow")
    for name in names:
        create_database(server, name)
    yield lambda name: server.format(f"compose_{name}")
    for name in names:
        drop_database(server, name)
