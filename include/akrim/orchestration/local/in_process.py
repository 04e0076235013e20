"""A whole run in this process and its outcome: from the inbox to the release's folders.

The outcome is the same whether the run made the release or found it already published.
"""

import gc
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from akrim import deliveries, warehouse
from akrim.errors import UserError
from akrim.orchestration.airflow import configuration, internals
from akrim.orchestration.local.progress import Progress, output_to
from akrim.orchestration.local.walk import DagGroup, Walk, receive_chain, walk, whole_chain
from akrim.orchestration.pinning import require_named
from akrim.orchestration.redaction import safe_message
from akrim.periods import Period
from akrim.settings import get_settings


@dataclass(frozen=True)
class RunOutcome:
    """The outcome of a run; `release_id` is None if no release is published, and `failures` says why."""

    release_id: str | None
    new: bool
    refused: list[dict[str, Any]]
    quarantined: dict[str, int]
    seconds: dict[str, float]
    already_loaded: list[str]
    without_keys: list[str]
    failures: dict[str, str]
    log: Path

    @property
    def path(self) -> Path:
        return get_settings().releases_path / str(self.release_id)

    def as_json(self) -> dict[str, Any]:
        """The fields that scripts may rely on; `failures` is by DAG, and may be set although a release was published."""
        shown = ("release_id", "new", "refused", "quarantined", "seconds", "without_keys", "failures")
        return {name: value for name, value in asdict(self).items() if name in shown}


def run(inbox: str, period: Period) -> RunOutcome:
    """Receive everything new, assess the period and publish, with progress on standard error.

    Args:
        inbox: folder or address of the deliveries; empty for the one in the settings.

    Raises UserError, before anything is received, where a setting names what is not there.
    """
    _take_from(inbox)
    require_named()
    log = get_settings().home / "logs" / f"run-{period}.log"
    walked, progress = _walk({"period": str(period)}, whole_chain(), log)
    return _outcome(period, walked, progress, log)


def assess(release_id: str) -> dict[str, str]:
    """Assess a reserved release by its own pins, without showing progress; returns the DAGs that failed, and why."""
    configuration.apply(configuration.for_walk())
    progress = Progress(Console(quiet=True))
    internals.add_listener(progress.listener())
    failed = walk({"release_id": release_id}, [("assess",)]).failed
    return {dag_id: safe_message(progress.errors.get(dag_id, "failed")) for dag_id in failed}


class ReceptionFailed(UserError):
    """What failed of a reception; `outcomes` is what became of the other deliveries."""

    def __init__(self, error: UserError, outcomes: list[deliveries.DeliveryOutcome]) -> None:
        super().__init__(error.what, error.where, error.next_step)
        self.outcomes = outcomes


def receive_all(inbox: str | None) -> list[deliveries.DeliveryOutcome]:
    """Only receive everything new; returns the outcome of each delivery.

    Args:
        inbox: folder or address of the deliveries; None for the one in the settings.

    Raises ReceptionFailed, after every agency was dealt with, where that of one failed.
    """
    _take_from(inbox)
    return _received(receive_chain())


def _received(chain: Sequence[DagGroup]) -> list[deliveries.DeliveryOutcome]:
    log = get_settings().home / "logs" / "receive.log"
    walked, progress = _walk({}, chain, log)
    outcomes = [deliveries.DeliveryOutcome(**outcome) for outcome in walked.outcomes]
    if progress.errors:
        told = "\n".join(f"{dag_id} failed: {safe_message(e)}" for dag_id, e in progress.errors.items())
        failed = UserError(
            told,
            "" if "where:" in told else str(log),
            "" if "next:" in told else "Put it right and run again.",
        )
        raise ReceptionFailed(failed, outcomes)
    return outcomes


def replay(
    delivery_id: str, by_name: str, reason: str, inbox: str = "", *, even_if_same: bool = False
) -> deliveries.DeliveryOutcome:
    """Read a delivery again by the contract of today; returns its outcome, `already_loaded` where nothing changes.

    Args:
        inbox: folder or address of the deliveries; empty for the one in the settings.
        even_if_same: see `akrim.deliveries.ask_replay`.
    """
    _take_from(inbox)
    warehouse.prepare()
    agency = deliveries.ask_replay(
        delivery_id, by_name, reason, get_settings().inbox, even_if_same=even_if_same
    )
    outcomes = _received(((f"receive_{agency}",),))
    # What was asked before comes first, and a scheduler's reception may have been quicker than this one.
    ended = deliveries.what_came_of(delivery_id)
    own = [o for o in outcomes if (o.delivery_id, o.status) == (ended.delivery_id, ended.status)]
    return own[0] if own else ended


def _take_from(inbox: str | None) -> None:
    if inbox:
        os.environ["AKRIM_INBOX"] = inbox
        get_settings.cache_clear()


def _walk(params: dict[str, Any], chain: Sequence[DagGroup], log: Path) -> tuple[Walk, Progress]:
    # Airflow and dbt make many objects that stay: looking through them for garbage was a sixth of a small run.
    gc.set_threshold(100_000, 10, 10)
    configuration.apply(configuration.for_walk())
    with output_to(log) as console:
        progress = Progress(console)
        try:
            progress.begin("start")
            internals.add_listener(progress.listener())
            progress.end("start", "start")
            _tell_room(console)
            return walk(params, chain, console.print), progress
        finally:
            progress.close()


def _tell_room(console: Console) -> None:
    """Before it begins, how much disk it will need; what hinders that is told by the task that it hinders, too."""
    with suppress(UserError):
        warehouse.prepare()
        room = deliveries.room_for_arrived(get_settings().inbox)
        if room.rows:
            console.print(f"  {room}", style="yellow" if room.needed > room.free else None, highlight=False)


def _outcome(period: Period, walked: Walk, progress: Progress, log: Path) -> RunOutcome:
    is_published = walked.states.get("publish") == "success" and not walked.hold
    made = walked.known.get("release_id") if is_published else None
    is_unchanged = (
        walked.states.get("assess") == "success" and "publish" not in walked.states and not walked.hold
    )
    return RunOutcome(
        release_id=made or (_published(period) if is_unchanged else None),
        new=made is not None,
        refused=[
            {name: outcome[name] for name in ("delivery_id", "code", "detail")}
            for outcome in walked.outcomes
            if outcome["status"] == "refused"
        ],
        quarantined=_quarantined(walked.outcomes),
        seconds={stage: round(took, 2) for stage, took in progress.seconds.items()},
        already_loaded=[o["delivery_id"] for o in walked.outcomes if o["status"] == "already_loaded"],
        without_keys=walked.without_keys,
        failures={dag_id: safe_message(progress.errors.get(dag_id, "failed")) for dag_id in walked.failed}
        | ({"publish": walked.hold} if walked.hold else {}),
        log=log,
    )


def _published(period: Period) -> str | None:
    with warehouse.connect() as connection:
        row = connection.execute(
            "select release_id from meta.releases where period = %s and status = 'published'", [str(period)]
        ).fetchone()
    return row[0] if row else None


def _quarantined(outcomes: list[dict[str, Any]]) -> dict[str, int]:
    """Rows set aside, by agency and extract, over all deliveries."""
    rows: Counter[str] = Counter()
    for outcome in outcomes:
        for extract, count in outcome["quarantined"].items():
            rows[f"{outcome['agency']}/{extract}"] += count
    return dict(rows)
