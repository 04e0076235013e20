"""The DAGs as Airflow loads them, with a configuration of the tests' own."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from akrim.settings import get_settings

if TYPE_CHECKING:
    from airflow.sdk import DAG

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Airflow's environment, put in place before it is first imported."""
    from akrim.orchestration.airflow import configuration

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AKRIM_HOME", str(tmp_path_factory.mktemp("airflow")))
        get_settings.cache_clear()
        for name, value in configuration.for_walk().items():
            patch.setenv(name, os.environ.get(name, value))
        yield
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def dags(airflow: None) -> dict[str, "DAG"]:
    from akrim.orchestration.local.walk import load_dags

    return {dag.dag_id: dag for dag in load_dags()}
