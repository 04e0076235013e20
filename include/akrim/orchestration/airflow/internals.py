"""All uses of Airflow beyond its public interface, since another version may change them."""

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akrim.errors import UserError
from akrim.orchestration.airflow import configuration
from akrim.texts.errors import SaidError

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.models.dagrun import DagRun
    from airflow.sdk import DAG
    from sqlalchemy.orm import Session


def load_dags(*, to_run: bool = False) -> dict[str, "DAG"]:
    """The DAGs of dags/ by id. Raises UserError if one cannot be loaded.

    Args:
        to_run: whether `DAG.test` is to run them in this process; they are written to the metadata database.
    """
    from airflow import settings
    from airflow.dag_processing.dagbag import BundleDagBag

    bag = BundleDagBag(
        dag_folder=settings.DAGS_FOLDER, bundle_path=Path(settings.DAGS_FOLDER), bundle_name="dags-folder"
    )
    for path, error in bag.import_errors.items():
        raise UserError("A DAG cannot be loaded.", path, error.strip().splitlines()[-1])
    if to_run:
        _write_once(bag)
        _speak_the_newest_version_alone()
        _look_again_before_sleeping()
    return dict(bag.dags)


def _write_once(bag: "BundleDagBag") -> None:
    """Write the DAGs to the metadata database, so that `DAG.test` need not parse and write all of them at every call."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import sync_bag_to_db

    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, str(bag.bundle_name), None)
    DagBundlesManager.get_all_dag_bundles = lambda _: ()  # type: ignore[method-assign,assignment]  # there is no setting for it


def _speak_the_newest_version_alone() -> None:
    """Let the API that tasks of this process talk to answer as they ask: the routes of its older versions take seconds to make."""
    from airflow.api_fastapi.execution_api import versions
    from airflow.api_fastapi.execution_api.routes import execution_api_router as router
    from airflow.sdk.api.client import API_VERSION
    from cadwyn import HeadVersion, Version, VersionBundle
    from cadwyn.route_generation import _DELETED_ROUTE_TAG as OF_OLDER_VERSIONS

    router.routes = [r for r in router.routes if OF_OLDER_VERSIONS not in getattr(r, "tags", ())]
    versions.bundle = VersionBundle(HeadVersion(), Version(API_VERSION))


@cache
def _look_again_before_sleeping() -> None:
    """Let `DAG.test` go on at once after mapped tasks of which there are none: it finds nothing to run when it skips them, and sleeps."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.state import DagRunState

    look = DagRun.update_state

    def look_again(run: "DagRun", *args: Any, **kwargs: Any) -> Any:
        found = look(run, *args, **kwargs)
        return found if found[0] or run.state != DagRunState.RUNNING else look(run, *args, **kwargs)

    DagRun.update_state = look_again  # type: ignore[assignment, method-assign]  # there is no setting for it


def updated_partitions(run: "DagRun", asset: str) -> list[str]:
    """The partitions of the asset for which the run called."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    query = (
        select(AssetEvent.partition_key)
        .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
        .where(
            AssetModel.name == asset,
            AssetEvent.source_dag_id == run.dag_id,
            AssetEvent.source_run_id == run.run_id,
        )
    )
    with create_session() as session:
        return list(session.scalars(query))


def start_run(dag_id: str, by: str, conf: dict[str, Any]) -> None:
    """Have Airflow's scheduler run the DAG, from within its API server; raises SaidError where it does not know the DAG."""
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.utils.types import DagRunTriggeredByType

    require_dag(dag_id)
    trigger_dag(dag_id, triggered_by=DagRunTriggeredByType.REST_API, triggering_user_name=by, conf=conf)


def require_dag(dag_id: str) -> None:
    """Raises SaidError where Airflow's scheduler has not read such a DAG."""
    from airflow.models.serialized_dag import SerializedDagModel

    if not SerializedDagModel.has_dag(dag_id):
        raise SaidError("dag_not_read", "dags/", dag=dag_id)


def mend_clearing() -> None:
    """Let tasks be cleared of a run that has a deadline: Airflow 3.3 takes what it keeps of the deadline's length for seconds, and fails.

    To be called where somebody may clear one; apache/airflow#70368.
    """
    from airflow.models import taskinstance
    from airflow.models.deadline import Deadline
    from airflow.sdk.serde import deserialize
    from sqlalchemy import false, select

    def count_anew(dagrun: "DagRun", new_queued_at: datetime, session: "Session") -> None:
        of_run = select(Deadline).where(Deadline.dagrun_id == dagrun.id, Deadline.missed == false())
        for deadline in session.scalars(of_run):
            if deadline.deadline_alert:
                length: Any = deserialize(deadline.deadline_alert.interval)
                deadline.deadline_time = new_queued_at + length

    taskinstance._recalculate_dagrun_queued_at_deadlines = count_anew  # noqa: SLF001  # there is no setting for it


def add_listener(listener: object) -> None:
    from airflow.sdk.listener import get_listener_manager

    get_listener_manager().add_listener(listener)


@cache
def _keep_no_metadata() -> None:
    """Wait for no disk at what a walk writes into its metadata database, some hundred times: the next one begins with an empty one."""
    from airflow import settings
    from sqlalchemy import event

    def wait_for_nothing(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("pragma synchronous = off")

    event.listen(settings.engine, "connect", wait_for_nothing)


def reset_metadata() -> None:
    """Replace the metadata database by an empty one, created once per version of Airflow and then copied.

    Task instances of a killed run look alive and must not be seen by the next one.
    """
    from airflow.utils import db

    _keep_no_metadata()
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
