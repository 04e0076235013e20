"""The DAGs: all load, hold wiring alone, and form one chain of assets from the inbox to the releases."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from akrim.contracts import load_contracts
from akrim.settings import get_settings

from tests.conftest import configure
from tests.dags.conftest import ROOT

if TYPE_CHECKING:
    from airflow.sdk import DAG

FILES = sorted((ROOT / "dags").glob("*.py"))
DECIDES_OR_LOOPS = (ast.If, ast.IfExp, ast.While, ast.Try, ast.Match)
BUILDS_PATHS = {"Path", "join", "open", "getenv"}


def test_there_is_a_dag_for_each_step_and_each_contract(dags: dict[str, "DAG"]) -> None:
    assert set(dags) == {
        "scan_inbox",
        "alert",
        "assess",
        "publish",
        "deliver",
        "deliver_rest",
        "end_period",
        "retain",
        "train_linkage",
        "verify_linkage",
        *(f"receive_{agency}" for agency in load_contracts()),
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dag_file_holds_wiring_only(file: Path) -> None:
    source = file.read_text()
    nodes = list(ast.walk(ast.parse(source)))
    assert len(source.splitlines()) <= 60
    assert not [node for node in nodes if isinstance(node, DECIDES_OR_LOOPS)]
    called = {
        getattr(node.func, "id", getattr(node.func, "attr", ""))
        for node in nodes
        if isinstance(node, ast.Call)
    }
    assert not called & BUILDS_PATHS
    assert "select " not in source.lower()


def test_what_runs_in_process_goes_the_way_of_the_assets(dags: dict[str, "DAG"]) -> None:
    from akrim.orchestration.local.walk import whole_chain

    chain = whole_chain()
    for before, after in pairwise(chain):
        written = {asset.name for dag_id in before for task in dags[dag_id].tasks for asset in task.outlets}
        for dag_id in after:
            assert written & set(_awaited(dags[dag_id])), dag_id
    in_chain = {dag_id for step in chain for dag_id in step}
    assert {dag_id for dag_id, dag in dags.items() if list(_awaited(dag))} <= in_chain


def _awaited(dag: "DAG") -> Iterator[str]:
    waiting: list[Any] = [dag.timetable.asset_condition]
    while waiting:
        condition = waiting.pop()
        if hasattr(condition, "name"):
            yield condition.name
        waiting += getattr(condition, "objects", ())


def test_every_dag_and_task_is_documented(dags: dict[str, "DAG"]) -> None:
    for dag_id, dag in dags.items():
        assert dag.doc_md
        assert dag_id in dag.doc_md.partition(": ")[0].split(" and ") or dag_id.startswith("receive_")
        assert dag.description
        assert dag.tags
        assert [task.task_id for task in dag.tasks if not task.doc_md] == []


def test_an_assessment_is_pinned_staged_linked_and_assessed_in_that_order(dags: dict[str, "DAG"]) -> None:
    chain = {task.task_id: set(task.upstream_task_ids) for task in dags["assess"].tasks}
    assert chain["pin"] == {"nothing_before"}
    assert chain["stage"] == {"pin"}
    assert chain["link"] == {"pin", "stage"}
    assert chain["assess"] == {"pin", "link"}


def test_parts_are_made_beside_each_other_by_whoever_listens_for_them(dags: dict[str, "DAG"]) -> None:
    from akrim.orchestration import pools

    tasks = dags["publish"].task_dict
    part = tasks["make_part"]
    assert (part.is_mapped, part.pool, part.queue) == (True, pools.DEFAULT, pools.PARTS_QUEUE)
    assert part.upstream_task_ids == {"list_parts"}
    assert tasks["publish"].upstream_task_ids == {"make_part"}
    assert tasks["publish"].trigger_rule == "none_failed", (
        "that none is made apart is no failure; that one fails, is"
    )
    others = {task.queue for dag in dags.values() for task in dag.tasks if task is not part}
    assert others == {"default"}, "these need the shared home folder"


def test_an_agency_is_answered_after_what_follows_was_told(dags: dict[str, "DAG"]) -> None:
    for agency in load_contracts():
        tasks = dags[f"receive_{agency}"].task_dict
        receive, call, answer = (tasks[name] for name in ("receive", "announce", "send_receipts"))
        assert call.upstream_task_ids == answer.upstream_task_ids == {"receive"}
        assert call.trigger_rule == answer.trigger_rule == "all_done", "whichever delivery receive fails on"
        assert call.outlets
        assert not receive.outlets + answer.outlets
        seen = dags[f"receive_{agency}"].task_dict["all_accepted"]
        assert (seen.upstream_task_ids, seen.outlets) == ({"receive"}, [])


def test_only_one_run_of_a_dag_works_at_a_time(dags: dict[str, "DAG"]) -> None:
    assert {dag.max_active_runs for dag in dags.values()} == {1}


def test_what_would_wait_for_one_lock_has_one_pool(dags: dict[str, "DAG"]) -> None:
    from akrim.orchestration import pools

    of = {dag_id: {task.pool for task in dag.tasks} for dag_id, dag in dags.items()}
    alone = {dag_id for dag_id, used in of.items() if used == {pools.ASSESSMENT}}
    assert alone == {"assess", "retain", "train_linkage", "verify_linkage"}
    assert of["publish"] == {pools.ASSESSMENT, pools.DEFAULT}
    assert {dag_id for dag_id, used in of.items() if used == {pools.SENDING}} == {"deliver", "deliver_rest"}
    calling = {
        (dag_id, t.task_id) for dag_id, dag in dags.items() for t in dag.tasks if t.pool == pools.CALLING
    }
    assert calling == {(f"receive_{agency}", "announce") for agency in load_contracts()}, (
        "two that ask at once would leave it to each other"
    )


def test_a_run_of_what_follows_a_delivery_is_a_partition(dags: dict[str, "DAG"]) -> None:
    from airflow.sdk import CronPartitionTimetable, PartitionedAssetTimetable

    kinds = (CronPartitionTimetable, PartitionedAssetTimetable)
    partitioned = {dag_id for dag_id, dag in dags.items() if isinstance(dag.timetable, kinds)}
    assert partitioned == {"end_period", "assess", "publish", "deliver"}


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [("period", "2026-T1", ("foo", "2026-T4", "2026-T1.1")), ("release_id", "2026-T1.12", ("2026-T1", "x"))],
)
def test_what_a_run_is_for_is_refused_in_its_form_where_it_is_none(
    dags: dict[str, "DAG"], field: str, right: str, wrong: tuple[str, ...]
) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    params = [dag.params.get_param(field) for dag in dags.values() if field in dag.params]
    assert params
    for param in params:
        assert [param.resolve(value) for value in (None, right)] == [None, right]
        for text in wrong:
            with pytest.raises(ParamValidationError):
                param.resolve(text)


def test_a_failure_marks_the_release_and_is_told(dags: dict[str, "DAG"]) -> None:
    """What the callbacks do, tests/orchestration holds; that Airflow calls them, test_scheduler."""
    from akrim.orchestration import faults

    for dag_id, dag in dags.items():
        marks = [faults.record_failure] if dag_id in {"assess", "publish"} else []
        assert all(task.on_failure_callback == [*marks, faults.tell_of_failure] for task in dag.tasks)


def test_a_task_is_tried_again_as_its_fault_is(dags: dict[str, "DAG"]) -> None:
    from airflow.sdk import RetryAction
    from akrim.errors import Unreachable, UserError

    tries = {(dag_id, task.task_id): task for dag_id, dag in dags.items() for task in dag.tasks}
    for told, action in (
        (Unreachable("no answer"), RetryAction.RETRY),
        (UserError("no key"), RetryAction.FAIL),
        (ValueError("?"), RetryAction.DEFAULT),
    ):
        assert tries["assess", "link"].retry_policy.evaluate(told, 1, 2).action is action
    for name in (("deliver", "deliver"), ("receive_nav", "send_receipts")):
        assert tries[name].retry_policy is None
        assert (tries[name].retries, tries[name].retry_exponential_backoff) == (4, 2.0)
    assert {tries[name].retries for name in (("scan_inbox", "scan"), ("alert", "alert"))} == {1}
    assert all(task.execution_timeout for task in tries.values())
    assert {task.owner for task in tries.values()} == {"operators"}


def test_what_takes_long_has_a_deadline(dags: dict[str, "DAG"]) -> None:
    with_one = {dag_id for dag_id, dag in dags.items() if dag.deadline}
    assert with_one == {"assess", "publish", *(f"receive_{agency}" for agency in load_contracts())}


def test_the_layers_are_built_in_process_with_the_pins_alone(dags: dict[str, "DAG"]) -> None:
    for task_id in ("stage", "assess"):
        task = dags["assess"].task_dict[task_id]
        assert task.invocation_mode.value == "dbt_runner"
        assert task.env.operator.task_id == "pin", "an address given here would be stored by Airflow"
        assert not task.should_store_compiled_sql


def test_a_new_contract_file_is_a_new_dag(
    airflow: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from akrim.orchestration.airflow.internals import load_dags

    source = ROOT / "include" / "akrim" / "contracts" / "nav.yaml"
    text = source.read_text().replace("akrim-nav", "akrim-tolletaten")
    text = text.replace("name: nav\n", "name: tolletaten\n")
    (tmp_path / "tolletaten.yaml").write_text(text)
    configure(monkeypatch, AKRIM_CONTRACTS=str(tmp_path))
    try:
        assert "receive_tolletaten" in load_dags()
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
