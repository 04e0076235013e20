"""The steps of one release: its inputs are pinned, records linked, changes explained, and it goes out, or waits for a person."""

from dataclasses import asdict
from typing import Any, NoReturn

from airflow.sdk.exceptions import AirflowSkipException

from akrim.orchestration import assets
from akrim.orchestration.redaction import redact_errors
from akrim.orchestration.steps.run import (
    asked_by,
    in_words,
    is_in_process,
    is_scheduled,
    named_release,
    no_runs_of,
    nothing_named,
    require_decided,
    require_done,
    require_ready,
    say,
)
from akrim.periods import Period

HOLD = "hold"


def nothing_before(ti: Any = None) -> bool:
    """Whether nothing is being received or published, so that an assessment sees whole periods and takes no release's tables away."""
    from akrim.contracts import load_contracts

    return no_runs_of(ti, "publish", *(f"receive_{agency}" for agency in load_contracts()))


@redact_errors
def pin(params: Any = None, ti: Any = None, dag_run: Any = None) -> dict[str, Any]:
    """Pin this run's inputs; skips if it may not start yet, a published release already has the same inputs, or one of them is held.

    Given a release id, it uses that release's pins, to make it, as long as it is not out.
    """
    from akrim import ledger, warehouse
    from akrim.deliveries import require_data_mode
    from akrim.keys import signing_key
    from akrim.orchestration import pinning
    from akrim.orchestration.locks import lock_assessment, occupy_workbench, require_not_out
    from akrim.releases import ReleaseOnHold, check_limits

    require_decided()
    warehouse.prepare()
    require_data_mode()
    askers = asked_by(dag_run)
    if params["release_id"]:
        lock_assessment()
        pins = ledger.load(params["release_id"])
        require_not_out(pins.release_id)
    else:
        period = _chosen_period(params, dag_run)
        lock_assessment()
        pins = pinning.pin(period)
        if not pins.is_new:
            raise AirflowSkipException(f"{pins.release_id} was made from the same inputs.")
        if pins.is_explained:
            try:
                check_limits(pins)  # unchanged inputs: still on hold, unless somebody let it go
            except ReleaseOnHold as hold:
                _skip_held(ti, hold)
    signing_key()  # if it is missing in production, fail here and not after hours
    for name in askers:
        ledger.record_request(pins.release_id, name)
    occupy_workbench(pins.release_id)
    for agency, deliveries in pins.inputs["deliveries"].items():
        named = ", ".join(delivery["delivery_id"] for delivery in deliveries)
        say("%s is made from %s: %s.", pins.release_id, agency, named or "nothing")
    return pins.variables


def _chosen_period(params: Any, dag_run: Any) -> Period:
    from akrim.orchestration import readiness

    period = Period.parse(params["period"] or dag_run.partition_key or nothing_named(dag_run))
    if not is_scheduled(dag_run):
        return period  # whoever names it knows what has come
    if not readiness.is_delivered(period):
        raise AirflowSkipException(f"Nothing that was delivered for {period} is in force.")
    require_ready(period)
    return period


@redact_errors
def link(pins: dict[str, Any], ti: Any = None) -> dict[str, Any]:
    """Find which person records describe one person; returns counts."""
    from akrim.linkage import runs
    from akrim.orchestration.locks import check_workbench, lock_assessment

    require_done(ti)
    lock_assessment()
    check_workbench(pins)
    return asdict(runs.link(pins["release_id"]))


@redact_errors
def explain(pins: dict[str, Any], ti: Any = None, outlet_events: Any = None) -> dict[str, int]:
    """Explain what changed since the previous releases, and announce the marts; returns counts."""
    from akrim import changes, releases, warehouse
    from akrim.orchestration.locks import check_workbench, lock_assessment

    require_done(ti)
    lock_assessment()
    with warehouse.connect() as connection:
        releases.hold_homes(
            connection
        )  # of one hidden meanwhile it would be forgotten that the release is to be made anew
        check_workbench(pins)
        counted = changes.explain(pins["release_id"])
    say("%s: %s.", pins["release_id"], in_words(counted) or "nothing has changed")
    outlet_events[assets.MARTS].add_partitions(pins["release_id"])
    return counted


@redact_errors
def list_parts(params: Any = None, dag_run: Any = None) -> list[str]:
    """The recipients whose parts of the release are made by tasks of their own; none where `publish` makes all, or the release is held or out."""
    from akrim import releases
    from akrim.orchestration.locks import lock_assessment
    from akrim.settings import get_settings

    if not get_settings().parts_exchange or is_in_process(dag_run):
        return []
    require_decided()
    lock_assessment()
    try:
        return releases.list_parts(_of_this_run(params, dag_run), _code())
    except releases.ReleaseOnHold:
        return []  # `publish` tells of it


@redact_errors
def make_part(recipient: str, params: Any = None, dag_run: Any = None) -> dict[str, str]:
    """Make one part of the release and lay it into the exchange; returns its digest, by recipient."""
    from akrim import releases
    from akrim.orchestration.locks import lock_assessment

    lock_assessment(shared=True)
    release_id = _of_this_run(params, dag_run)
    digest = releases.make_apart(release_id, recipient, _code())
    say("The part of %s of %s lies in the exchange.", recipient, release_id)
    return {recipient: digest}


@redact_errors
def publish(
    parts: Any = (), params: Any = None, ti: Any = None, dag_run: Any = None, outlet_events: Any = None
) -> str:
    """Publish the release that this run is for; returns its id. Skips where it is held.

    Args:
        parts: what `make_part` returned for each that was made by a task of its own; where none was, all are made here.
    """
    from akrim import releases, warehouse
    from akrim.orchestration.locks import lock_assessment

    require_decided()
    lock_assessment()
    release_id = _of_this_run(params, dag_run)
    warehouse.write_out()  # parts are made by processors, and a run in one process ends with the server
    # All at once: one by one, Airflow asks for one after the last, and logs an error that there is none.
    apart = {recipient: digest for part in parts[:] for recipient, digest in part.items()}
    try:
        release = releases.publish(release_id, releases.Made(apart, _code()) if apart else None)
    except releases.ReleaseOnHold as hold:
        _skip_held(ti, hold)
    listed = ", ".join(f"{centre} {count}" for centre, count in release.centres.items())
    say("%s lies in %s; on the centres' lists: %s.", release_id, release.path, listed)
    outlet_events[assets.RELEASES].add_partitions(release_id)
    return release_id


def _of_this_run(params: Any, dag_run: Any) -> str:
    return named_release(params, dag_run) or nothing_named(dag_run)


def _code() -> str:
    """Which program this is."""
    from akrim.orchestration.pinning import code_digest
    from akrim.settings import get_settings

    return code_digest(get_settings().project_root)


def _skip_held(ti: Any, hold: Exception) -> NoReturn:
    """A held release waits for a person: nothing has failed, and nothing follows."""
    ti.xcom_push(key=HOLD, value=str(hold))
    raise AirflowSkipException(str(hold))
