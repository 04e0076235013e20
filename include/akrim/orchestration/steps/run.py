"""What a step asks of the run that it is part of: who started it, what it is for, and what runs beside it."""

import getpass
import logging
import re
from typing import Any, NoReturn

from airflow.sdk.exceptions import AirflowSkipException

from akrim.errors import UserError
from akrim.periods import RELEASE_PATTERN, Period, today

# The name that Airflow gives to whoever runs a DAG in process.
IN_PROCESS = "dag_test"
# What an event says of whoever asked for the run that it comes from.
ASKED_BY = "asked_by"
# What a person may write into a run's form; Airflow refuses another text there.
PERIOD_FORM = r"^[12][0-9]{3}-T[123]$"
RELEASE_FORM = r"^[12][0-9]{3}-T[123]\.[0-9]{1,4}$"
# States of a task that is yet to end; `null` is what Airflow is asked with for one that waits for those before it.
UNENDED = [
    "null",
    "scheduled",
    "queued",
    "running",
    "restarting",
    "deferred",
    "up_for_retry",
    "up_for_reschedule",
]
# What a task took in, did and left, in a few lines of its log.
say = logging.getLogger("akrim.steps").info


def require_decided() -> None:
    """Raise UserError where people have yet to decide how long data are kept or, of real people's, what may be shared."""
    from akrim.retention import require_limits
    from akrim.sharing import require_approved

    require_limits()
    require_approved()


def is_scheduled(dag_run: Any) -> bool:
    """Whether a scheduler started the run: then folders that are still being filled are ignored."""
    return bool(dag_run.run_type != "manual")


def is_in_process(dag_run: Any) -> bool:
    """Whether one process does the whole run, one task after the other."""
    return bool(dag_run.triggering_user_name == IN_PROCESS)


def asked_by(dag_run: Any) -> set[str]:
    """Who asked for the run, or for one that called for it, by login or by the account of this machine; nobody where a schedule or a delivery did.

    Raises UserError where somebody made the event that called for it by hand: it says nothing of whom.
    """
    if is_in_process(dag_run):
        return {getpass.getuser()}
    events = dag_run.consumed_asset_events
    if any(event.source_run_id is None for event in events):
        raise UserError(
            "The run was called for by an event that somebody made by hand, and not by a run: who asked for it is not known.",
            f"DAG {dag_run.dag_id}",
            "Start it yourself, with what it is for as its partition key.",
        )
    return {dag_run.triggering_user_name, *(event.extra.get(ASKED_BY) for event in events)} - {None}


def named_release(params: Any, dag_run: Any) -> str | None:
    """The release that the run is for: the one that somebody named, else its partition, where that is one."""
    partition = dag_run.partition_key or ""
    return params.get("release_id") or (partition if re.fullmatch(RELEASE_PATTERN, partition) else None)


def nothing_named(dag_run: Any) -> NoReturn:
    raise UserError(
        "The run is for nothing: it has no partition, and nobody named one.",
        f"DAG {dag_run.dag_id}",
        "Start it with a partition key: a period such as 2026-T1 for assess, a release such as 2026-T1.1 for publish.",
    )


def require_done(ti: Any) -> None:
    """Raise UserError where a task that this one follows did nothing: one that a person marked as a success hands nothing on."""
    for task_id in sorted(ti.task.upstream_task_ids):
        if ti.xcom_pull(task_ids=task_id) is None:
            raise UserError(
                f"The task {task_id} was marked as a success and has not run: what it makes is not there.",
                f"DAG {ti.dag_id}",
                f"Clear {task_id} in Airflow's grid, with what follows it.",
            )


def no_runs_of(ti: Any, *dag_ids: str) -> bool:
    return not any(ti.get_dr_count(dag_id=dag_id, states=["queued", "running"]) for dag_id in dag_ids)


def calls_to_come(ti: Any, dag_id: str, task_id: str) -> int:
    """In how many runs of the DAG that are queued or running the task is yet to end."""
    if no_runs_of(ti, dag_id):
        return 0
    count: int = ti.get_ti_count(dag_id=dag_id, task_ids=[task_id], states=UNENDED)
    return count


def in_words(counted: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counted.items() if count)


def require_ready(period: Period) -> None:
    """Skips while the period waits for an agency."""
    from akrim.orchestration import readiness

    waits_for = readiness.waits_for(period, today())
    if waits_for:
        raise AirflowSkipException(f"{period} waits for {', '.join(waits_for)}.")
