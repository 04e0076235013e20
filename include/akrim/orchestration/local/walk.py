"""The DAGs of dags/ run in this process, in the order that their assets give: what `akrim run` does.

A DAG that declares parameters runs when one of them is known, the others always. Known is what the walk was
asked for, and what the events of earlier DAGs carry: so `publish` runs when `assess` made marts for a release.
Where everything before a DAG has failed, it is left out.
There is no second pipeline: the same tasks run, by Airflow's own DAG.test. Each walk has a fresh metadata database.
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akrim.errors import UserError
from akrim.orchestration.airflow import configuration
from akrim.orchestration.local.interruption import Interruption
from akrim.orchestration.locks import release_assessment

OUTCOMES = "outcomes"
# The tag of a DAG that is no part of the way from the inbox to the releases.
APART = "apart"

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from airflow.sdk import DAG


@dataclass
class Walk:
    """What happened: each DAG's end state, what became of deliveries, and the parameters known at the end."""

    known: dict[str, Any]
    states: dict[str, str] = field(default_factory=dict)
    outcomes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def failed(self) -> list[str]:
        return [dag_id for dag_id, state in self.states.items() if state == "failed"]


def walk(asked: dict[str, Any], tag: str = "") -> Walk:
    """Run every DAG that is due, in order.

    Args:
        asked: parameters for the DAGs that declare them, such as the period.
        tag: leaves out the DAGs without it.

    Raises UserError where it was interrupted: a task that was cut off is not one whose absence the next may ignore.
    """
    from airflow.sdk.listener import get_listener_manager

    walked = Walk(asked)
    interruption = Interruption()
    get_listener_manager().add_listener(interruption.listener())
    with _alone():
        _fresh_metadata()
        dags = [dag for dag in load_dags() if APART not in dag.tags and (not tag or tag in dag.tags)]
        before = upstream(dags)
        for dag in in_order(dags):
            with interruption.told(dag.dag_id):
                if _is_due(dag, before[dag.dag_id], walked):
                    _run(dag, walked)
    return walked


def _is_due(dag: "DAG", before: list[str], walked: Walk) -> bool:
    has_input = not before or any(walked.states.get(dag_id) == "success" for dag_id in before)
    return has_input and (not dag.params or bool(walked.known.keys() & dag.params.keys()))


def _run(dag: "DAG", walked: Walk) -> None:
    run = dag.test(run_conf={name: walked.known[name] for name in dag.params if name in walked.known})
    walked.states[dag.dag_id] = str(run.state)
    for ti in run.get_task_instances():
        walked.outcomes += ti.xcom_pull(task_ids=ti.task_id, key=OUTCOMES) or []
    for extra in _event_extras(run):
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


def load_dags() -> list["DAG"]:
    from airflow import settings
    from airflow.dag_processing.dagbag import BundleDagBag

    bag = BundleDagBag(
        dag_folder=settings.DAGS_FOLDER, bundle_path=Path(settings.DAGS_FOLDER), bundle_name="dags-folder"
    )
    for path, error in bag.import_errors.items():
        raise UserError("A DAG cannot be loaded.", path, error.strip().splitlines()[-1])
    return list(bag.dags.values())


def in_order(dags: list["DAG"]) -> Iterator["DAG"]:
    """Whoever writes an asset comes before whoever waits for it; else by name, so that every walk is the same."""
    by_id = {dag.dag_id: dag for dag in sorted(dags, key=lambda dag: dag.dag_id)}
    return (by_id[dag_id] for dag_id in TopologicalSorter(upstream(dags)).static_order())


def upstream(dags: list["DAG"]) -> dict[str, list[str]]:
    """For each DAG those that write what it waits for."""
    writers: dict[str, set[str]] = {}
    for dag in dags:
        for name in written(dag):
            writers.setdefault(name, set()).add(dag.dag_id)
    return {
        dag.dag_id: sorted({writer for name in awaited(dag) for writer in writers.get(name, ())})
        for dag in sorted(dags, key=lambda dag: dag.dag_id)
    }


def awaited(dag: "DAG") -> Iterator[str]:
    yield from _names(dag.timetable.asset_condition)


def _names(condition: Any) -> Iterator[str]:
    """The assets in a condition, which is none, one asset, or conditions joined by and/or."""
    if hasattr(condition, "name"):
        yield condition.name
    for part in getattr(condition, "objects", ()):
        yield from _names(part)


def written(dag: "DAG") -> Iterator[str]:
    return (asset.name for task in dag.tasks for asset in task.outlets)


def _event_extras(run: "DagRun") -> list[dict[str, Any]]:
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    query = select(AssetEvent.extra).where(
        AssetEvent.source_dag_id == run.dag_id, AssetEvent.source_run_id == run.run_id
    )
    with create_session() as session:
        return list(session.scalars(query))


def _fresh_metadata() -> None:
    """Airflow's empty tables, made once for each version of Airflow and copied from then on.

    A killed walk leaves runs behind that look alive; nothing of them is carried into the next one.
    """
    from airflow.utils import db

    database = configuration.walk_database()
    empty = database.with_name(f"empty-{version('apache-airflow-core')}.sqlite")
    for leftover in database.parent.glob(f"{database.name}*"):
        leftover.unlink()
    if not empty.exists():
        db.initdb()
        new = empty.with_suffix(".new")
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(database)) as made:
            made.execute("vacuum into ?", [str(new)])
        new.rename(empty)
        return
    shutil.copyfile(empty, database)
