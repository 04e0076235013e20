"""The steps from the inbox to landing, and what calls for an assessment: new deliveries, the end of a period, the end of a wait."""

import logging
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowSkipException

from akrim.contracts import load_contracts
from akrim.errors import UserError
from akrim.orchestration import assets
from akrim.orchestration.redaction import redact_errors
from akrim.orchestration.steps.run import (
    ASKED_BY,
    calls_to_come,
    is_scheduled,
    no_runs_of,
    require_decided,
    require_ready,
    say,
)
from akrim.orchestration.steps.upkeep import no_runs
from akrim.periods import Period, today
from akrim.settings import get_settings

if TYPE_CHECKING:
    from akrim.deliveries import DeliveryOutcome

FIRST_SCAN = datetime(2026, 1, 1, tzinfo=UTC)
OUTCOMES = "outcomes"
WAIT_OVER = "announce_wait_over"


def scan_schedule() -> str:
    return f"*/{get_settings().scan_minutes} * * * *"


def announcement(agency: str) -> str:
    """The id of the task that announces something new from this agency."""
    return f"announce_{agency}"


@redact_errors
def scan(ti: Any = None, dag_run: Any = None) -> list[str]:
    """The announcement tasks to run: of each agency with something new, and of the end of the wait for missing ones.

    What is being received is not announced meanwhile, nor the end of the wait while an assessment runs or may follow from what does:
    the next scan does, where there is still a reason to.

    Raises UserError where something is new and the key is missing that its receipt is signed with: then nothing is announced.
    """
    from akrim import deliveries, warehouse
    from akrim.keys import signing_key
    from akrim.orchestration import readiness

    require_decided()
    warehouse.prepare()
    inbox = get_settings().inbox
    _report(ti, deliveries.record_strays(inbox, is_scheduled=is_scheduled(dag_run)))
    arrived = {arrival.agency for arrival in deliveries.scan(inbox)} | deliveries.asked_agencies()
    if arrived:
        signing_key()
    under_way = {agency for agency in arrived if not no_runs_of(ti, f"receive_{agency}")}
    announcements = [announcement(agency) for agency in load_contracts() if agency in arrived - under_way]
    say("Something new from: %s.", ", ".join(sorted(arrived)) or "nobody")
    if under_way:
        say("Being received already: %s.", ", ".join(sorted(under_way)))
    is_overdue = readiness.overdue_period(today()) and no_runs(ti)
    return [*announcements, WAIT_OVER] if is_overdue else announcements


@redact_errors
def announce_wait_over(outlet_events: Any = None) -> None:
    """Call for the period that waits for nobody any more, and that nobody's delivery called for.

    Raises UserError where a setting would end its assessment before anything is pinned: each scan would call for it again.
    """
    from akrim.orchestration import pinning, readiness

    pinning.require_named()
    _call_for(readiness.overdue_period(today()), assets.WAIT_OVER, outlet_events)


@redact_errors
def announce_period_over(partition_key: Any = None, dag_run: Any = None, outlet_events: Any = None) -> None:
    """Call for the period that began on the day of the run's partition; skips where it is not over, as a backfill may name it.

    With it goes who asked, where it was no schedule: whoever starts a backfill asks for what comes of it.
    """
    try:
        began = date.fromisoformat(partition_key or "")
    except ValueError:
        raise UserError(
            "The run is for no period: its partition is not the day on which one began.",
            "DAG end_period",
            "Start it with such a day as its partition key, 2026-05-01; or start assess with the period, 2026-T2.",
        ) from None
    period = Period.of(began)
    if name := dag_run.triggering_user_name:
        outlet_events[assets.PERIOD_OVER].extra[ASKED_BY] = name
    _call_for(period if period.as_of < today() else None, assets.PERIOD_OVER, outlet_events)


@redact_errors
def receive(agency: str, suite_for: Any, ti: Any, dag_run: Any) -> None:
    """Receive one agency's new deliveries; reports the outcome of each. A home that one protects is hidden at once, wherever it is shown."""
    from akrim import deliveries, releases, warehouse

    require_decided()
    # It tells of each expectation's every argument, hundreds of lines around those that say what came of the delivery.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    inbox = get_settings().inbox
    warehouse.prepare()
    try:
        _report(ti, deliveries.receive(inbox, agency, suite_for, is_scheduled=is_scheduled(dag_run)))
    finally:
        if any(extract.protection for extract in load_contracts()[agency].extracts):
            releases.hide_homes()


@redact_errors
def send_receipts(agency: str) -> dict[str, int]:
    """Answer the agency for what it delivered; returns counts. What was accepted stays, whatever becomes of a receipt.

    Raises UserError if a receipt could not be sent.
    """
    from akrim.keys import signing_key
    from akrim.sending.agencies import send_receipts as send

    receipts = send([agency])
    say("%s receipts sent to %s.", len(receipts.sent), agency)
    if receipts.failed:
        signing_key()  # where it is this that is missing, no receipt and no agency is concerned alone
        failures = "; ".join(f"{name}: {why}" for name, why in receipts.failed.items())
        raise UserError(
            f"Not every receipt reached {agency}: {failures}",
            get_settings().outbox_address,
            "The deliveries are dealt with; `akrim deliveries receipt ID` and each later run try again.",
        )
    return {"sent": len(receipts.sent)}


@redact_errors
def announce_received(agency: str, ti: Any, outlet_events: Any) -> None:
    """Call for the period that what was accepted changes; skips where that is none, or it waits for another agency.

    Of receptions that are under way together the last calls for all, so that one assessment follows, which would wait for each of them.
    """
    from akrim.orchestration import readiness

    outcomes = ti.xcom_pull(task_ids="receive", key=OUTCOMES) or []
    accepted = [outcome["delivery_id"] for outcome in outcomes if outcome["status"] == "accepted"]
    called_for = readiness.called_for(accepted, today())
    if called_for:
        require_ready(called_for)  # whoever comes last calls for it
        _require_last(agency, ti)
    _call_for(called_for, assets.received(agency), outlet_events)


def _require_last(agency: str, ti: Any) -> None:
    """Skips while another run will ask whether to call, this agency's next one included. One asks at a time: the pool has one place."""
    to_come = {name: calls_to_come(ti, f"receive_{name}", ti.task_id) for name in load_contracts()}
    to_come[agency] -= 1  # this one
    under_way = [name for name, count in to_come.items() if count > 0]
    if under_way:
        raise AirflowSkipException(
            f"The reception of {', '.join(under_way)} is under way, and calls for all."
        )


def _call_for(period: Period | None, asset: Asset, outlet_events: Any) -> None:
    if period is None:
        raise AirflowSkipException("Nothing new is in force for a period that is over.")
    say("%s is to be assessed.", period)
    outlet_events[asset].add_partitions(str(period))


def require_accepted(ti: Any) -> None:
    """Skips where a delivery was refused, so that the grid shows it; whatever follows from the others goes on.

    One that was refused before and lies there still counts until something of its agency is accepted: another try may have refused it.
    """
    refused = [o for o in ti.xcom_pull(task_ids="receive", key=OUTCOMES) or [] if o["status"] == "refused"]
    if not all(outcome["is_new"] for outcome in refused):
        from akrim.orchestration import alerts

        standing = {row["delivery_id"] for row in alerts.unsettled(today())[1]}
        refused = [o for o in refused if o["is_new"] or o["delivery_id"] in standing]
    if refused:
        told = "; ".join(f"{o['delivery_id']}: {o['code']}: {o['detail']}" for o in refused)
        raise AirflowSkipException(
            f"Refused: {told} `akrim deliveries` shows each, and `akrim doctor` minds them."
        )


def _report(ti: Any, outcomes: "list[DeliveryOutcome]") -> None:
    for outcome in (outcome for outcome in outcomes if outcome.status != "already_loaded"):
        told = f"{outcome.code}: {outcome.detail}" if outcome.code else ""
        counts = f"{sum(outcome.loaded.values())} rows loaded, {sum(outcome.quarantined.values())} set aside"
        say("%s: %s. %s", outcome.delivery_id, outcome.status, told or counts)
    ti.xcom_push(key=OUTCOMES, value=[asdict(outcome) for outcome in outcomes])
