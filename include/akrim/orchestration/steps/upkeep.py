"""The steps that follow releases or the calendar: sending, telling of what waits, and removing what is past its limit."""

from collections import Counter
from datetime import timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from akrim.orchestration.redaction import redact_errors
from akrim.orchestration.steps.assessing import nothing_before
from akrim.orchestration.steps.run import in_words, no_runs_of, say
from akrim.periods import today
from akrim.settings import get_settings

WITHOUT_KEYS = "without_keys"
# What ends by a release going out, and is not told while one may be on its way.
IN_THE_MAKING = {"unpublished", "unfinished", "outdated"}


@redact_errors
def deliver(ti: Any = None) -> dict[str, int]:
    """Send current releases and notices to the centres, keep the catalogue and the mirror, and read receipts; returns counts.

    Raises UserError if something did not reach a centre or the mirror.
    """
    from akrim import releases, sending, warehouse

    warehouse.prepare()
    releases.renew_catalogue()
    delivered = sending.deliver()
    ti.xcom_push(key=WITHOUT_KEYS, value=delivered.without_keys)
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


@redact_errors
def alert(ti: Any = None) -> list[str]:
    """Tell whoever runs the pipeline what waits for them and was not told before; returns the kinds of what was sent.

    Before that the gauges of the installation are handed to Airflow's metrics.

    Raises UserError if it could not be sent.
    """
    from akrim import warehouse
    from akrim.orchestration import alerts, gauges

    warehouse.prepare()
    gauges.send(gauges.measure(today()))
    stands = every = alerts.current_conditions(today(), timedelta(hours=get_settings().deadline_hours))
    if not no_runs_of(ti, "assess", "publish"):
        # Begun with the same inputs, or let go after waiting long, it may be made or published just now.
        stands = [found for found in stands if found.kind not in IN_THE_MAKING]
    for found in stands:
        say("Stands: %s", found.what("en"))
    if not alerts.receivers():
        raise AirflowSkipException("Nobody is told: neither AKRIM_ALERT_MAIL nor AKRIM_ALERT_WEBHOOK is set.")
    alerts.forget_ended(every)
    return [sent.kind for sent in alerts.tell(stands)]


def no_runs(ti: Any = None) -> bool:
    """Whether nothing is being received, assessed or published, so that nothing is removed between two of their tasks."""
    return nothing_before(ti) and no_runs_of(ti, "assess")


@redact_errors
def retain() -> dict[str, int]:
    """Remove what is past its limit today, Airflow's own records and a failed run's parts included; returns the rows removed, by category."""
    from akrim import expiry, releases, warehouse
    from akrim.orchestration.airflow import clean_metadata
    from akrim.orchestration.locks import lock_assessment

    warehouse.prepare()
    lock_assessment()
    counted: Counter[str] = Counter()
    for removal in expiry.apply_limits(today()):
        counted[removal.category] += removal.rows
    say("Past their limit and removed: %s.", in_words(counted) or "nothing")
    clean_metadata(expiry.cut_off("logs", today()))
    releases.remove_parts()
    return dict(counted)
