"""What we change in Airflow, since this version has it otherwise than we need it."""

import time
from datetime import timedelta
from pathlib import Path

import pytest


@pytest.mark.usefixtures("airflow", "home")
def test_a_task_of_a_run_with_a_deadline_can_be_cleared() -> None:
    """As the runbook has it of what failed: in the grid, where the run's time begins anew."""
    from airflow.models.dagrun import DagRun
    from airflow.models.deadline import Deadline
    from airflow.models.taskinstance import clear_task_instances
    from airflow.utils.session import create_session
    from akrim.orchestration.airflow import internals
    from akrim.settings import get_settings
    from sqlalchemy import select

    internals.reset_metadata()
    internals.load_dags(to_run=True)
    internals.start_run("assess", "Kari Rydder", {"period": "2026-T1"})
    internals.mend_clearing()
    with create_session() as session:
        # The database is every test's of this process: others' runs stand there, too.
        ((run, deadline),) = session.execute(
            select(DagRun, Deadline)
            .join(Deadline, Deadline.dagrun_id == DagRun.id)
            .where(DagRun.triggering_user_name == "Kari Rydder")
        ).all()
        before = deadline.deadline_time
        clear_task_instances(list(run.task_instances), session)
        session.flush()
        assert deadline.deadline_time == run.queued_at + timedelta(hours=get_settings().deadline_hours)
        assert deadline.deadline_time > before


NO_PARTS = """
from airflow.sdk import dag, task


@dag
def in_parts():
    @task
    def list_parts():
        return []

    @task
    def make(part):
        return part

    @task(trigger_rule="none_failed")
    def collect(parts):
        return "collected"

    collect(make.expand(part=list_parts()))


in_parts()
"""


@pytest.mark.usefixtures("airflow", "home")
def test_a_run_goes_on_at_once_where_there_are_no_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow import settings
    from akrim.orchestration.airflow import internals

    slept: list[float] = []
    monkeypatch.setattr(settings, "DAGS_FOLDER", str(tmp_path))
    monkeypatch.setattr(time, "sleep", slept.append)
    (tmp_path / "in_parts.py").write_text(NO_PARTS)
    internals.reset_metadata()
    run = internals.load_dags(to_run=True)["in_parts"].test()
    states = {instance.task_id: instance.state for instance in run.get_task_instances()}
    assert states == {"list_parts": "success", "make": "skipped", "collect": "success"}
    assert slept == []
