"""The DAGs as Airflow loads them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow.sdk import DAG

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def dags(airflow: None) -> dict[str, "DAG"]:
    from akrim.orchestration.airflow.internals import load_dags

    return load_dags()
