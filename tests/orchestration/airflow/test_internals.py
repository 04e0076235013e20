"""What we change in Airflow, since this version has it otherwise than we need it."""

from datetime import timedelta

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
