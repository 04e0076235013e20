"""The DAGs of dags/ run in this process, one after the other: what `akrim run` does.

There is no second pipeline: the same tasks run, by Airflow's own DAG.test, in the order in which the assets lead from one
to the next under a scheduler. A DAG that declares parameters runs when one of them is known, the others always. Known is
what was asked for, and what the events of earlier DAGs carry: so `publish` runs when `assess` made marts for a release.
Each walk has a fresh metadata database.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akrim.contracts import load_contracts
from akrim.errors import UserError
from akrim.orchestration.airflow import configuration, internals
from akrim.orchestration.local.interruption import Interruption
from akrim.orchestration.locks import release_assessment

OUTCOMES = "outcomes"

if TYPE_CHECKING:
    from airflow.sdk import DAG

# DAGs that do not wait for each other; the next ones run where one of them succeeded.
Step = tuple[str, ...]


@dataclass
class Walk:
    """What happened: each DAG's end state, what became of deliveries, and the parameters known at the end."""

    known: dict[str, Any]
    states: dict[str, str] = field(default_factory=dict)
    outcomes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def failed(self) -> list[str]:
        return [dag_id for dag_id, state in self.states.items() if state == "failed"]


def reception() -> tuple[Step, ...]:
    """From the inbox to landing."""
    return ("scan_inbox",), tuple(f"receive_{agency}" for agency in sorted(load_contracts()))


def whole_chain() -> tuple[Step, ...]:
    """From the inbox to the centres."""
    return *reception(), ("assess",), ("publish",), ("deliver",)


def walk(asked: dict[str, Any], chain: Sequence[Step]) -> Walk:
    """Run every DAG of the chain that is due, in order.

    Args:
        asked: parameters for the DAGs that declare them, such as the period.

    Raises UserError where it was interrupted: a task that was cut off is not one whose absence the next may ignore.
    """
    walked = Walk(asked)
    interruption = Interruption()
    internals.add_listener(interruption.listener())
    with _alone():
        internals.lay_fresh_metadata()
        dags = internals.load_dags()
        for step in chain:
            for dag_id in step:
                with interruption.told(dag_id):
                    _run_if_due(_find(dags, dag_id), walked)
            if not any(walked.states.get(dag_id) == "success" for dag_id in step):
                break
    return walked


def _find(dags: dict[str, "DAG"], dag_id: str) -> "DAG":
    if dag_id not in dags:
        raise UserError(
            f"There is no DAG `{dag_id}`.",
            str(configuration.dags_folder()),
            "Restore the file, or set AKRIM_PROJECT_ROOT to the folder with dags/.",
        )
    return dags[dag_id]


def _run_if_due(dag: "DAG", walked: Walk) -> None:
    given = {name: walked.known[name] for name in dag.params if name in walked.known}
    if dag.params and not given:
        return
    run = dag.test(run_conf=given)
    walked.states[dag.dag_id] = str(run.state)
    for ti in run.get_task_instances():
        walked.outcomes += ti.xcom_pull(task_ids=ti.task_id, key=OUTCOMES) or []
    for extra in internals.event_extras(run):
        walked.known |= extra


@contextmanager
def _alone() -> Iterator[None]:
    """One walk at a time in one home: a second one waits for the first to end."""
    lock = os.open(configuration.home() / "walk.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
        release_assessment()
