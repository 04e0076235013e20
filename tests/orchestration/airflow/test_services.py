"""Airflow's services as `akrim up` starts them."""

import subprocess
import sys

import psutil
import pytest
from akrim.errors import UserError

from tests.conftest import configure
from tests.dags.services import free_port


@pytest.mark.usefixtures("airflow", "home")
def test_a_home_has_one_set_of_services() -> None:
    from akrim.orchestration.airflow import Services

    first, second = Services(free_port()), Services(free_port())
    first._require_alone()
    with pytest.raises(UserError, match="runs on this home already"):
        second._require_alone()
    first._files.close()
    second._require_alone()
    second._files.close()


@pytest.mark.usefixtures("airflow", "home")
def test_an_address_of_airflows_that_lets_nobody_in_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not that the migration has failed, with a traceback in its log."""
    from akrim.orchestration.airflow import Services

    configure(monkeypatch, AKRIM_AIRFLOW_DATABASE_URL="postgresql://airflow@127.0.0.1:1/airflow")
    with pytest.raises(UserError, match="Connection refused") as told, Services(free_port()):
        pass
    assert told.value.where == "AKRIM_AIRFLOW_DATABASE_URL"


@pytest.mark.usefixtures("airflow", "warehouse")
def test_where_the_database_has_ended_that_is_told_and_not_which_service_missed_it_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from akrim.orchestration.airflow import Services

    services = Services(free_port())
    services._children["dag-processor"] = ended = subprocess.Popen([sys.executable, "-c", "exit(1)"])
    ended.wait()
    with pytest.raises(UserError, match="dag-processor has ended"):
        services.check()
    configure(monkeypatch, AKRIM_AIRFLOW_DATABASE_URL="postgresql://airflow@127.0.0.1:1/airflow")
    with pytest.raises(UserError, match="database cannot be reached"):
        services.check()


@pytest.mark.usefixtures("airflow", "warehouse")
def test_no_task_starts_before_the_api_server_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from akrim.orchestration.airflow import Services
    from akrim.orchestration.airflow.services import HEALTH_NAMES

    told = []
    answers: list[dict[str, str]] = [
        {},
        dict.fromkeys(HEALTH_NAMES, "unhealthy"),
        dict.fromkeys(HEALTH_NAMES, "healthy"),
    ]

    def health(_: Services) -> dict[str, str]:
        told.append("asked")
        return answers.pop(0)

    def start(_: Services, name: str, _arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
        told.append(name)
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    monkeypatch.setattr(Services, "health", health)
    monkeypatch.setattr(Services, "_start", start)
    monkeypatch.setattr(Services, "_migrate", lambda _: None)
    with Services(free_port()) as services:
        services.start_the_others()

    assert told == ["api-server", "asked", "asked", "scheduler", "dag-processor", "triggerer", "asked"]


KILLED = """
import os, signal, subprocess, sys
wait = [sys.executable, "-c", "import time; time.sleep(60)"]
left = [subprocess.Popen(wait), subprocess.Popen(wait, process_group=0)]
print(*(process.pid for process in left), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.usefixtures("airflow", "home")
def test_of_a_scheduler_that_was_killed_neither_workers_nor_tasks_are_left() -> None:
    from akrim.orchestration.airflow.services import _stop

    command = [sys.executable, "-c", KILLED]
    scheduler = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert scheduler.stdout
    worker, task = map(psutil.Process, map(int, scheduler.stdout.readline().split()))
    _stop([scheduler])
    _, alive = psutil.wait_procs([worker, task], timeout=10)
    assert alive == []
