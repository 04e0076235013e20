"""The DAGs apart from the way to a release, run by Airflow's own DAG.test on staged records."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from akrim import warehouse as warehouse_module
from akrim.linkage import runs
from akrim.linkage.model import model_version

from tests.linkage.conftest import FIRST, read, stage
from tests.linkage.population import population

__all__ = ["stage"]  # a fixture

# In a process of its own: Airflow reads its configuration once.
RUN = """
import os, sys
from akrim.orchestration.airflow import configuration
os.environ |= configuration.for_walk()
from akrim.orchestration.airflow import internals
internals.reset_metadata()
dags = internals.load_dags()
states = [
    str(dags["train_linkage"].test(run_conf={"day": "2027-01-02"}).state),
    str(dags["verify_linkage"].test().state),
]
print("STATES", *states)
"""


@pytest.mark.slow
@pytest.mark.installation
@pytest.mark.timeout(1200)
def test_training_and_the_full_check_run_as_dags(
    stage: Callable[..., None], warehouse: str, home: Path, tmp_path: Path
) -> None:
    stage(population(9, persons=120), FIRST, None)
    runs.link(FIRST)
    with warehouse_module.connect() as connection:
        connection.execute("insert into meta.workbench (release_id) values (%s)", [FIRST])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    ran = subprocess.run(
        [sys.executable, "-c", RUN],
        check=False,
        env=environment,
        cwd=tmp_path,
        text=True,
        capture_output=True,
        timeout=300,
    )
    assert "STATES success success" in ran.stdout, ran.stdout[-2000:] + ran.stderr[-2000:]
    (model,) = (home / "models").glob("2027-01-02-*.json")
    training = json.loads(model.read_text())["training"]
    assert training["content_digest"]
    assert training["evaluation"]
    assert not model_version().startswith(model.stem)
    assert read("select release_id, differing_records from linkage.full_checks") == [(FIRST, 0)]
