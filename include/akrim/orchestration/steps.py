"""The functions of the DAGs' tasks: each calls one package's face and returns ids, codes and counts, never personal data.

Airflow fills the parameters that default to None from the run's context.
"""

import getpass
import logging
import re
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from airflow.sdk.exceptions import AirflowSkipException

from akrim.errors import UserError
from akrim.orchestration import assets
from akrim.orchestration.redaction import redact_errors
from akrim.periods import RELEASE_PATTERN, Period
from akrim.settings import get_settings

FIRST_SCAN = datetime(2026, 1, 1, tzinfo=UTC)
OUTCOMES = "outcomes"
HOLD = "hold"
WAIT_OVER = "announce_wait_over"
# The name that Airflow gives to whoever runs a DAG in process.
IN_PROCESS = "dag_test"
# What a task took in, did and left, in a few lines of its log.
say = logging.getLogger("akrim.steps").info


def scan_schedule() -> str:
    return f"*/{get_settings().scan_minutes} * * * *"


def announcement(agency: str) -> str:
    """The id of the task that announces something new from this agency."""
    return f"announce_{agency}"


@redact_errors
def scan(ti: Any = None, dag_run: Any = None) -> list[str]:
    """The announcement tasks to run: of each agency with something new, and of the end of the wait for missing ones."""
    from akrim import deliveries, warehouse
    from akrim.contracts import load_contracts
    from akrim.orchestration import readiness
    from akrim.retention import require_limits

    require_limits()
    warehouse.prepare()
    inbox = get_settings().inbox
    _report(ti, deliveries.record_strays(inbox, is_scheduled=_is_scheduled(dag_run)))
    arrived = {arrival.agency for arrival in deliveries.scan(inbox)} | deliveries.asked_agencies()
    announcements = [announcement(agency) for agency in load_contracts() if agency in arrived]
    say("Something new from: %s.", ", ".join(sorted(arrived)) or "nobody")
    return [*announcements, WAIT_OVER] if readiness.overdue_period(readiness.today()) else announcements


@redact_errors
def announce_wait_over(outlet_events: Any = None) -> None:
    """Call for the period that must be assessed without whoever is late with it."""
    from akrim.orchestration import readiness

    _call_for(readiness.overdue_period(readiness.today()), assets.WAIT_OVER, outlet_events)


@redact_errors
def announce_period_over(partition_key: Any = None, outlet_events: Any = None) -> None:
    """Call for the period that began on the day of the run's partition, and is over."""
    _call_for(Period.of(date.fromisoformat(partition_key)), assets.PERIOD_OVER, outlet_events)


@redact_errors
def receive(agency: str, suite_for: Any, ti: Any, dag_run: Any) -> None:
    """Receive one agency's new deliveries; reports the outcome of each."""
    from akrim import deliveries
    from akrim.retention import require_limits

    require_limits()
    # It tells of each expectation's every argument, hundreds of lines around those that say what came of the delivery.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    inbox = get_settings().inbox
    _report(ti, deliveries.receive(inbox, agency, suite_for, is_scheduled=_is_scheduled(dag_run)))


@redact_errors
def send_receipts(agency: str) -> dict[str, int]:
    """Answer the agency for what it delivered; returns counts. What was accepted stays, whatever becomes of a receipt.

    Raises UserError if a receipt could not be sent.
    """
    from akrim.sending.agencies import send_receipts as send

    receipts = send([agency])
    say("%s receipts sent to %s.", len(receipts.sent), agency)
    if receipts.failed:
        failures = "; ".join(f"{name}: {why}" for name, why in receipts.failed.items())
        raise UserError(
            f"Not every receipt reached {agency}: {failures}",
            get_settings().outbox_address,
            "The deliveries are dealt with; `akrim deliveries receipt ID` and each later run try again.",
        )
    return {"sent": len(receipts.sent)}


@redact_errors
def announce_received(agency: str, ti: Any, outlet_events: Any) -> None:
    """Call for the period that what was accepted of this agency changes; skips where that is none."""
    from akrim.orchestration import readiness

    outcomes = ti.xcom_pull(task_ids="receive", key=OUTCOMES) or []
    accepted = [outcome["delivery_id"] for outcome in outcomes if outcome["status"] == "accepted"]
    called_for = readiness.called_for(accepted, readiness.today())
    _call_for(called_for, assets.received(agency), outlet_events)


def _call_for(period: Any, asset: Any, outlet_events: Any) -> None:
    if period is None:
        raise AirflowSkipException("Nothing new is in force for a period that is over.")
    say("%s is to be assessed.", period)
    outlet_events[asset].add_partitions(str(period))


def require_accepted(ti: Any) -> None:
    """Skips where a delivery was refused, so that the grid shows it; whatever follows from the others goes on."""
    refused = [o for o in ti.xcom_pull(task_ids="receive", key=OUTCOMES) or [] if o["status"] == "refused"]
    if refused:
        told = "; ".join(f"{o['delivery_id']}: {o['code']}: {o['detail']}" for o in refused)
        raise AirflowSkipException(
            f"Refused: {told} `akrim deliveries` shows each, and `akrim doctor` minds them."
        )


def nothing_before(ti: Any = None) -> bool:
    """Whether nothing is being received or published, so that an assessment sees whole periods and takes no release's tables away."""
    from akrim.contracts import load_contracts

    return _no_runs(ti, "publish", *(f"receive_{agency}" for agency in load_contracts()))


def _no_runs(ti: Any, *dag_ids: str) -> bool:
    return not any(ti.get_dr_count(dag_id=dag_id, states=["queued", "running"]) for dag_id in dag_ids)


@redact_errors
def pin(params: Any = None, ti: Any = None, dag_run: Any = None) -> dict[str, Any]:
    """Pin this run's inputs; skips if it may not start yet, a published release already has the same inputs, or one of them is held.

    Given a release id, it uses that release's pins, to build it again.
    """
    from akrim import ledger, warehouse
    from akrim.keys import signing_key
    from akrim.orchestration import pinning
    from akrim.orchestration.locks import lock_assessment, occupy_workbench
    from akrim.releases import ReleaseOnHold, check_limits
    from akrim.retention import require_limits

    require_limits()
    warehouse.prepare()
    if params["release_id"]:
        lock_assessment()
        pins = ledger.load(params["release_id"])
    else:
        period = _chosen_period(params, dag_run)
        lock_assessment()
        pins = pinning.pin(period)
        if not pins.is_new:
            raise AirflowSkipException(f"{pins.release_id} was made from the same inputs.")
        if pins.is_explained:
            try:
                check_limits(pins)  # unchanged inputs: still on hold, unless a limit was changed
            except ReleaseOnHold as hold:
                _skip_held(ti, hold)
    signing_key()  # if it is missing in production, fail here and not after hours
    if asked_by := _asked_by(dag_run):
        ledger.record_request(pins.release_id, asked_by)
    occupy_workbench(pins.release_id)
    for agency, deliveries in pins.inputs["deliveries"].items():
        named = ", ".join(delivery["delivery_id"] for delivery in deliveries)
        say("%s is made from %s: %s.", pins.release_id, agency, named or "nothing")
    return pins.variables


@redact_errors
def link(pins: dict[str, Any]) -> dict[str, Any]:
    """Find which person records describe one person; returns counts."""
    from akrim.linkage import runs
    from akrim.orchestration.locks import check_workbench, lock_assessment

    lock_assessment()
    check_workbench(pins["release_id"])
    return asdict(runs.link(pins["release_id"]))


@redact_errors
def explain(pins: dict[str, Any], outlet_events: Any = None) -> dict[str, int]:
    """Explain what changed since the previous releases, and announce the marts; returns counts."""
    from akrim import changes
    from akrim.orchestration.locks import check_workbench, lock_assessment

    lock_assessment()
    check_workbench(pins["release_id"])
    counted = changes.explain(pins["release_id"])
    say("%s: %s.", pins["release_id"], _counts(counted) or "nothing has changed")
    outlet_events[assets.MARTS].add_partitions(pins["release_id"])
    return counted


@redact_errors
def publish(params: Any = None, ti: Any = None, dag_run: Any = None, outlet_events: Any = None) -> str:
    """Publish the release that this run is for; returns its id. Skips where it is held."""
    from akrim import releases
    from akrim.orchestration.locks import lock_assessment
    from akrim.retention import require_limits

    require_limits()
    lock_assessment()
    release_id = named_release(params, dag_run) or _nothing_named(dag_run)
    try:
        release = releases.publish(release_id)
    except releases.ReleaseOnHold as hold:
        _skip_held(ti, hold)
    listed = ", ".join(f"{centre} {count}" for centre, count in release.centres.items())
    say("%s lies in %s; on the centres' lists: %s.", release_id, release.path, listed)
    outlet_events[assets.RELEASES].add_partitions(release_id)
    return release_id


def _skip_held(ti: Any, hold: Exception) -> NoReturn:
    """A held release waits for a person: nothing has failed, and nothing follows."""
    ti.xcom_push(key=HOLD, value=str(hold))
    raise AirflowSkipException(str(hold))


@redact_errors
def deliver() -> dict[str, int]:
    """Send current releases and notices to the centres, keep the mirror and read receipts; returns counts.

    Raises UserError if something did not reach a centre or the mirror.
    """
    from akrim import sending, warehouse

    warehouse.prepare()
    delivered = sending.deliver()
    sent = "; ".join(f"{name} to {', '.join(centres)}" for name, centres in delivered.sent.items())
    say("Sent: %s. Without keys: %s.", sent or "nothing new", ", ".join(delivered.without_keys) or "nobody")
    say(
        "Receipts that are missing: %s; that are none: %s.",
        len(delivered.missing_receipts),
        len(delivered.bad_receipts),
    )
    delivered.require_all()
    return {
        "sent": sum(map(len, delivered.sent.values())),
        "mirrored": len(delivered.mirrored),
        "without_keys": len(delivered.without_keys),
        "missing_receipts": len(delivered.missing_receipts),
    }


def no_runs(ti: Any = None) -> bool:
    """Whether nothing is being received, assessed or published, so that nothing is removed between two of their tasks."""
    return nothing_before(ti) and _no_runs(ti, "assess")


@redact_errors
def retain() -> dict[str, int]:
    """Remove what is past its limit today, Airflow's own records included; returns the rows removed, by category."""
    from akrim import expiry, warehouse
    from akrim.orchestration.airflow.cleaning import clean_airflow
    from akrim.orchestration.locks import lock_assessment
    from akrim.orchestration.readiness import today

    warehouse.prepare()
    lock_assessment()
    counted: dict[str, int] = {}
    for removal in expiry.apply_limits(today()):
        counted[removal.category] = counted.get(removal.category, 0) + removal.rows
    say("Past their limit and removed: %s.", _counts(counted) or "nothing")
    clean_airflow(today())
    return counted


@redact_errors
def alert() -> list[str]:
    """Tell whoever runs the pipeline what waits for them and was not told before; returns the kinds of what was sent.

    Before that the gauges of the installation are handed to Airflow's metrics.

    Raises UserError if it could not be sent.
    """
    from akrim import warehouse
    from akrim.orchestration import alerts, gauges, readiness

    warehouse.prepare()
    gauges.send(gauges.measure(readiness.today()))
    stands = alerts.standing(readiness.today())
    for found in stands:
        say("Stands: %s", found.what("en"))
    if not alerts.has_channel():
        raise AirflowSkipException("Nobody is told: neither AKRIM_ALERT_MAIL nor AKRIM_ALERT_WEBHOOK is set.")
    return [sent.kind for sent in alerts.tell(stands)]


def _counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counted.items() if count)


def _report(ti: Any, outcomes: list[Any]) -> None:
    for outcome in (outcome for outcome in outcomes if outcome.status != "already_loaded"):
        told = f"{outcome.code}: {outcome.detail}" if outcome.code else ""
        counts = f"{sum(outcome.loaded.values())} rows loaded, {sum(outcome.quarantined.values())} set aside"
        say("%s: %s. %s", outcome.delivery_id, outcome.status, told or counts)
    ti.xcom_push(key=OUTCOMES, value=[asdict(outcome) for outcome in outcomes])


def _is_scheduled(dag_run: Any) -> bool:
    """Whether a scheduler started the run: then folders that are still being filled are ignored."""
    return dag_run.run_type != "manual"


def _asked_by(dag_run: Any) -> str | None:
    """Who asked for the run, by login or by the account of this machine; nobody where a schedule or a delivery started it."""
    name: str | None = dag_run.triggering_user_name
    return getpass.getuser() if name == IN_PROCESS else name


def named_release(params: Any, dag_run: Any) -> str | None:
    """The release that the run is for: the one that somebody named, else its partition, where that is one."""
    partition = dag_run.partition_key or ""
    return params.get("release_id") or (partition if re.fullmatch(RELEASE_PATTERN, partition) else None)


def _nothing_named(dag_run: Any) -> NoReturn:
    raise UserError(
        "The run is for nothing: it has no partition, and nobody named one.",
        f"DAG {dag_run.dag_id}",
        "Start it with a partition key: a period such as 2026-T1 for assess, a release such as 2026-T1.1 for publish.",
    )


def _chosen_period(params: Any, dag_run: Any) -> Any:
    from akrim.orchestration import readiness

    period = Period.parse(params["period"] or dag_run.partition_key or _nothing_named(dag_run))
    if not _is_scheduled(dag_run):
        return period  # whoever names it knows what has come
    if not readiness.is_delivered(period):
        raise AirflowSkipException(f"Nothing that was delivered for {period} is in force.")
    missing = readiness.missing_agencies(period)
    if missing and not readiness.is_wait_over(period, readiness.today()):
        raise AirflowSkipException(f"{period} waits for {', '.join(missing)}.")
    return period
