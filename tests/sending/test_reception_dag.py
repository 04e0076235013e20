"""The DAG of a reception: what fails in it hinders nothing that does not rest on it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deliveries.building import full_delivery

WALK = """
import json
from akrim.orchestration.airflow import configuration
configuration.apply(configuration.for_walk())
from akrim.orchestration.local.walk import walk
walked = walk({}, (("scan_inbox",), ("receive_nav",), ("receive_brreg",)))
print(json.dumps([walked.states, [o["status"] for o in walked.outcomes], sorted(walked.gone_on)]))
"""
FAILING = """
from akrim.deliveries import receiving
take = receiving.take
def failing(arrival, *given):
    if arrival.delivery_id == "nav-2025-T3-02":
        raise RuntimeError("a defect")
    return take(arrival, *given)
receiving.take = failing
"""


def walked(inbox: Path, before: str = "") -> tuple[dict[str, str], list[str], list[str]]:
    environment = os.environ | {"AKRIM_INBOX": str(inbox), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", before + WALK]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    states, statuses, gone_on = json.loads(done.stdout.splitlines()[-1])
    return states, statuses, gone_on


@pytest.mark.slow
@pytest.mark.installation
def test_the_dag_tells_a_failing_receipt_and_what_follows_runs(
    warehouse: str, home: Path, tmp_path: Path
) -> None:
    for agency in ("nav", "brreg"):
        full_delivery(agency).write(tmp_path / "inbox")
    (home / "keys" / "recipients").mkdir(parents=True)
    (home / "keys" / "recipients" / "nav.txt").write_bytes(b"")
    states, statuses, _ = walked(tmp_path / "inbox")
    assert states == {"scan_inbox": "success", "receive_nav": "failed", "receive_brreg": "success"}
    assert statuses == ["accepted", "accepted"]
    assert [path.parent.name for path in (home / "outbox").glob("*/*")] == ["brreg"]


@pytest.mark.slow
@pytest.mark.installation
def test_a_reception_that_fails_on_one_delivery_calls_and_answers_for_the_others(
    warehouse: str, home: Path, tmp_path: Path
) -> None:
    for number in (1, 2):
        full_delivery("nav", number=number).write(tmp_path / "inbox")
    states, _, gone_on = walked(tmp_path / "inbox", FAILING)
    assert states["receive_nav"] == "failed"
    assert "receive_nav" in gone_on
    (answered,) = (home / "outbox" / "nav").iterdir()
    assert answered.name.startswith("nav-2025-T3-01")
