"""What becomes of a task or run that fails: how often it is tried again, after how long it hangs, who is told, and which release failed.

And in which pool it waits for its turn.

A held release and a refused delivery are no failures: their tasks are skipped.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import Context, ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from akrim.errors import Unreachable, UserError
from akrim.orchestration import pools
from akrim.orchestration.redaction import safe_message
from akrim.orchestration.steps import named_release
from akrim.periods import today
from akrim.settings import get_settings


def tell_of_failure(context: Context) -> None:
    """Tell of a task that failed for good, once a day each."""
    from akrim.orchestration import alerts

    ti: Any = context["ti"]
    failed = {"task": f"{ti.dag_id}.{ti.task_id}", "day": str(today())}
    alerts.tell([alerts.Alert("failed", failed)])


def tell_of_delay(context: Any) -> None:
    """Tell of a run that is not done by its deadline; Airflow calls for one that failed or was marked by a person too."""
    from akrim.orchestration import alerts

    run = context["dag_run"]
    if run["state"] in ("success", "failed"):
        return
    late = {"dag": run["dag_id"], "day": run["run_after"][:10], "hours": f"{get_settings().deadline_hours:g}"}
    alerts.tell([alerts.Alert("late", late)])


def record_failure(context: Context) -> None:
    """Mark the release that a failed task worked on as failed; the published one, and what another run pinned, are not affected."""
    from akrim import ledger

    ti: Any = context["ti"]
    pins = ti.xcom_pull(task_ids="pin") or {}
    release_id = pins.get("release_id") or named_release(context["params"], context["dag_run"])
    if release_id:
        reason = safe_message(context.get("exception") or "failed")
        ledger.record_failure(release_id, ti.task_id, reason, pins.get("fingerprint"))


# What a person must put right is not tried again; a database that does not answer may be about to.
RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception=Unreachable, action=RetryAction.RETRY, retry_delay=timedelta(minutes=2)),
        RetryRule(exception=UserError, action=RetryAction.FAIL, reason="Only a person can put it right."),
    ]
)
TOLD_OF = {
    "owner": "operators",
    "retry_policy": RETRY_POLICY,
    "execution_timeout": timedelta(days=1),
    "on_failure_callback": [tell_of_failure],
}
ALONE = {**TOLD_OF, "pool": pools.ASSESSMENT}
OF_A_RELEASE = {**ALONE, "on_failure_callback": [record_failure, tell_of_failure]}
# Any number beside each other, on the workers that listen for them.
OF_A_PART = {"pool": pools.DEFAULT, "queue": pools.PARTS_QUEUE}
# Storage and mail come back by themselves, sooner or later.
SENDING = {
    **TOLD_OF,
    "retry_policy": None,
    "retries": 4,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": 2.0,
}
DELIVERING = {**SENDING, "pool": pools.SENDING}
# The next run does it anyway, so that nobody is told before that has tried; and it must not wait behind long tasks.
QUICK = {**TOLD_OF, "retries": 1, "execution_timeout": timedelta(minutes=30), "priority_weight": 10}
DEADLINE = DeadlineAlert(
    reference=DeadlineReference.DAGRUN_QUEUED_AT,
    interval=timedelta(hours=get_settings().deadline_hours),
    callback=SyncCallback(tell_of_delay),
)


def waiting(hours: int) -> dict[str, Any]:
    """How a sensor waits: without taking a place from tasks that work."""
    return {"mode": "reschedule", "poke_interval": 10, "timeout": hours * 3600}
