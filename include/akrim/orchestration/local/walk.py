"""Runs the DAGs of dags/ in this process in a fixed order: what `akrim run` does.

The same tasks run, by Airflow's DAG.test, in the order in which assets start DAGs under a scheduler. A DAG with
parameters runs if one of them is known, the others always. Known are the run's own parameters and the release of which `assess` made
marts, so that `publish` runs. Each walk has an empty metadata database.
"""

import fcntl
import gc
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akrim.contracts import load_contracts
from akrim.errors import UserError
from akrim.orchestration.airflow import configuration, internals
from akrim.orchestration.local.interruption import Interruption
from akrim.orchestration.locks import unlock_assessment

log = logging.getLogger(__name__)

MARTS = "marts"

if TYPE_CHECKING:
    from airflow.sdk import DAG

# DAGs that do not depend on each other; the next group runs if one of them went on, or none was due.
DagGroup = tuple[str, ...]


@dataclass
class Walk:
    """The result: each DAG's end state, the deliveries' outcomes, and the parameters known at the end.

    `hold` says which release is held, where the run ended at one, and `without_keys` whom nothing could be sealed for.
    `gone_on` are the DAGs after which the next may run: those that updated every asset of theirs or had no reason to,
    whatever failed beside.
    """

    known: dict[str, Any]
    states: dict[str, str] = field(default_factory=dict)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    hold: str | None = None
    without_keys: list[str] = field(default_factory=list)
    gone_on: set[str] = field(default_factory=set)

    @property
    def failed(self) -> list[str]:
        return [dag_id for dag_id, state in self.states.items() if state == "failed"]


def receive_chain() -> tuple[DagGroup, ...]:
    """From the inbox to landing."""
    return ("scan_inbox",), tuple(f"receive_{agency}" for agency in sorted(load_contracts()))


def whole_chain() -> tuple[DagGroup, ...]:
    """From the inbox to the centres."""
    return *receive_chain(), ("assess",), ("publish",), ("deliver",)


def walk(params: dict[str, Any], chain: Sequence[DagGroup], tell: Callable[[str], None] = log.info) -> Walk:
    """Run every DAG of the chain that is due, in order.

    Args:
        params: parameters for the DAGs that declare them, such as the period.
        tell: is given a sentence where another walk must end first.

    Raises UserError if it was interrupted, so that no DAG runs after a task that was cut off.
    """
    walked = Walk(params)
    interruption = Interruption()
    internals.add_listener(interruption.listener())
    with _exclusively(tell):
        internals.reset_metadata()
        dags = internals.load_dags(to_run=True)
        gc.freeze()  # what Airflow has loaded stays: nobody need look through it for garbage again
        for group in chain:
            for dag_id in group:
                with interruption.raised_in(dag_id):
                    _run_if_due(_find(dags, dag_id), walked)
            # Where nothing is to be published, what an earlier run was cut off from sending still is.
            if walked.hold or (walked.states.keys() & group and not walked.gone_on.intersection(group)):
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
    # With Airflow, which is configured by now.
    from akrim.orchestration.steps import HOLD, OUTCOMES, WITHOUT_KEYS

    given = {name: walked.known[name] for name in dag.params if name in walked.known}
    if dag.params and not given:
        return
    # Whoever started the run sees what failed and how long it takes; and Airflow's DAG.test knows no deadlines.
    dag.deadline = None
    for task in dag.tasks:
        task.retries = 0
    run = dag.test(run_conf=given)
    walked.states[dag.dag_id] = str(run.state)
    making = {task.task_id for task in dag.tasks if task.outlets}
    instances = run.get_task_instances()
    if run.state == "success" or (
        making and all(ti.state in {"success", "skipped"} for ti in instances if ti.task_id in making)
    ):
        walked.gone_on.add(dag.dag_id)
    for ti in instances:
        walked.outcomes += ti.xcom_pull(task_ids=ti.task_id, key=OUTCOMES) or []
        walked.hold = ti.xcom_pull(task_ids=ti.task_id, key=HOLD) or walked.hold
        walked.without_keys += ti.xcom_pull(task_ids=ti.task_id, key=WITHOUT_KEYS) or []
    for release_id in internals.updated_partitions(run, MARTS):
        walked.known["release_id"] = release_id


@contextmanager
def _exclusively(tell: Callable[[str], None]) -> Iterator[None]:
    """Allow one walk at a time in one home; a second one says so, and waits for the first to end."""
    lock = os.open(configuration.home() / "walk.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("  Another command runs in this home: waiting for it to end (Ctrl-C ends this one).")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
        unlock_assessment()
