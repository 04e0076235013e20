"""What the DAGs' tasks do: each calls one stage's façade and hands on ids, codes and counts, never a person's data.

The parameters that default to None are filled by Airflow from the run's context.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowSkipException

from akrim.orchestration import assets
from akrim.orchestration.redaction import told, told_without_data
from akrim.settings import get_settings

FIRST_SCAN = datetime(2026, 1, 1, tzinfo=UTC)
OUTCOMES = "outcomes"
WAIT_OVER = "announce_wait_over"


def scan_schedule() -> str:
    return f"*/{get_settings().scan_minutes} * * * *"


def announcement(agency: str) -> str:
    """The id of the task whose success says that this agency has something new."""
    return f"announce_{agency}"


@told_without_data
def scan(ti: Any = None, dag_run: Any = None) -> list[str]:
    """The announcements to make: each agency with something new, and the end of the wait for missing ones."""
    from akrim import deliveries, warehouse
    from akrim.contracts import load_contracts
    from akrim.orchestration import readiness

    warehouse.prepare()
    inbox = get_settings().inbox
    _report(ti, deliveries.record_strays(inbox, is_scheduled=_is_scheduled(dag_run)))
    arrived = {arrival.agency for arrival in deliveries.scan(inbox)}
    news = [announcement(agency) for agency in load_contracts() if agency in arrived]
    return [*news, WAIT_OVER] if readiness.is_overdue(readiness.today()) else news


@told_without_data
def receive(agency: str, suite_for: Any, ti: Any, dag_run: Any) -> None:
    """Take in what is new of one agency; reports what became of each delivery."""
    from akrim import deliveries

    inbox = get_settings().inbox
    _report(ti, deliveries.receive(inbox, agency, suite_for, is_scheduled=_is_scheduled(dag_run)))


def no_receive_runs(ti: Any = None) -> bool:
    """Whether every receive DAG is at rest, so that an assessment sees whole periods."""
    from akrim.contracts import load_contracts

    busy = ["queued", "running"]
    return not any(ti.get_dr_count(dag_id=f"receive_{agency}", states=busy) for agency in load_contracts())


@told_without_data
def pin(params: Any = None) -> dict[str, Any]:
    """Fix what this run uses; skips when it may not start yet or a published release already has just that.

    Asked for a release by its id, it takes the pins as they stand: that is how one is built once more.
    """
    from akrim import ledger, warehouse
    from akrim.keys.signing import signing_key
    from akrim.orchestration import pinning
    from akrim.orchestration.locks import hold_assessment, occupy_workbench
    from akrim.releases import plausibility

    warehouse.prepare()
    if params["release_id"]:
        hold_assessment()
        pins = ledger.load(params["release_id"])
    else:
        period = _chosen_period(params["period"])
        hold_assessment()
        pins = pinning.pin(period)
        if not pins.is_new:
            raise AirflowSkipException(f"{pins.release_id} was made from the same inputs.")
        if pins.is_explained:
            plausibility.check(pins)  # unchanged inputs: still on hold, unless a limit was changed
    signing_key()  # missing in production, it stops the run here, not after hours
    occupy_workbench(pins.release_id)
    return {
        "release_id": pins.release_id,
        "period": str(pins.period),
        "as_of": pins.as_of.isoformat(),
        "data_mode": get_settings().data_mode,
    }


@told_without_data
def link(pins: dict[str, Any]) -> dict[str, Any]:
    """Find which person records describe one person; counts alone."""
    from akrim import linkage
    from akrim.orchestration.locks import check_workbench, hold_assessment

    hold_assessment()
    check_workbench(pins["release_id"])
    return asdict(linkage.link(pins["release_id"]))


@told_without_data
def explain(pins: dict[str, Any], outlet_events: Any = None) -> dict[str, int]:
    """Tell what changed since the releases before and why; then the marts are made. Counts alone."""
    from akrim import changes
    from akrim.orchestration.locks import check_workbench, hold_assessment

    hold_assessment()
    check_workbench(pins["release_id"])
    counted = changes.explain(pins["release_id"])
    outlet_events[assets.MARTS].extra = {"release_id": pins["release_id"]}
    return counted


@told_without_data
def train_model(params: Any = None) -> dict[str, Any]:
    """Train a linkage model on the records that stand between staging and marts; it links nothing until it is set."""
    from datetime import date

    from akrim import linkage
    from akrim.orchestration.locks import hold_assessment

    hold_assessment()
    model = linkage.train_model(None, date.fromisoformat(params["day"]))
    return {"model": model.name, "records": model.training["records"]}


@told_without_data
def check_in_full() -> dict[str, Any]:
    """Hold the last linkage against a full relink; fails where any record would be placed otherwise."""
    from akrim import linkage
    from akrim.errors import UserError
    from akrim.orchestration.locks import hold_assessment

    hold_assessment()
    checked = linkage.check_in_full()
    if checked.differing_records:
        raise UserError(
            f"{checked.differing_records} of {checked.records} records would be placed otherwise by a full relink.",
            f"release {checked.release_id}",
            "Keep the release from going out, and have the linkage looked at.",
        )
    return asdict(checked)


@told_without_data
def publish(params: Any = None, triggering_asset_events: Any = None) -> list[str]:
    """Write the releases that this run was started for; their ids."""
    from akrim import releases
    from akrim.orchestration.locks import hold_assessment

    hold_assessment()
    asked = _asked_releases(params, triggering_asset_events)
    return [releases.publish(release_id).release_id for release_id in asked]


@told_without_data
def deliver() -> dict[str, int]:
    """Send what is in force to the centres and read their receipts; counts alone. Raises UserError where it failed."""
    from akrim import sending, warehouse
    from akrim.errors import UserError

    warehouse.prepare()
    delivered = sending.deliver()
    if delivered.failed:
        told_of = "; ".join(f"{centre}: {why}" for centre, why in delivered.failed.items())
        raise UserError(
            f"Not everything reached the centres: {told_of}",
            get_settings().outbox_address,
            "The release is out; `akrim releases deliver` tries again.",
        )
    return {
        "sent": sum(map(len, delivered.sent.values())),
        "without_keys": len(delivered.without_keys),
        "missing_receipts": len(delivered.missing_receipts),
    }


def record_failure(context: Context) -> None:
    """Mark the release that a failed task worked on; the last published one stays in place.

    A release on hold has not failed: it stays as it is until a person approves it.
    """
    from akrim import ledger
    from akrim.releases import ReleaseOnHold

    if isinstance(getattr(context.get("exception"), "__cause__", None), ReleaseOnHold):
        return
    ti: Any = context["ti"]
    pins = ti.xcom_pull(task_ids="pin") or {}
    asked = (
        [pins["release_id"]]
        if pins
        else _asked_releases(context["params"], context["triggering_asset_events"])
    )
    for release_id in asked:
        ledger.record_failure(release_id, ti.task_id, told(context.get("exception") or "failed"))


def _report(ti: Any, outcomes: list[Any]) -> None:
    ti.xcom_push(key=OUTCOMES, value=[asdict(outcome) for outcome in outcomes])


def _is_scheduled(dag_run: Any) -> bool:
    """Whether a scheduler started the run by itself: then a folder that is still being filled is left alone."""
    return dag_run.run_type != "manual"


def _asked_releases(params: Any, events: Any) -> list[str]:
    """The run's own parameter, else each release named by the events that started it, oldest first."""
    if params.get("release_id"):
        return [params["release_id"]]
    marts = sorted((events or {}).get(assets.MARTS, ()), key=lambda event: event.timestamp)
    return list(dict.fromkeys(event.extra["release_id"] for event in marts))


def _chosen_period(asked: str | None) -> Any:
    from akrim.orchestration import readiness
    from akrim.periods import Period

    if asked:
        return Period.parse(asked)
    period = readiness.newest_period(readiness.today())
    if period is None:
        raise AirflowSkipException("No delivery for a period that is over has been accepted yet.")
    missing = readiness.missing_agencies(period)
    if missing and not readiness.is_wait_over(period, readiness.today()):
        raise AirflowSkipException(f"{period} waits for {', '.join(missing)}.")
    return period
