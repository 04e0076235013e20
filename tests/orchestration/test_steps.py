"""What a task says and shows where there is nothing to do, or something was refused."""

import getpass
import inspect
import logging
from collections import defaultdict
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from akrim import ledger, releases
from akrim.deliveries import DeliveryOutcome
from akrim.errors import UserError
from akrim.keys import create_keys
from akrim.periods import Period, today
from akrim.sending import SendingSummary

from tests.conftest import configure
from tests.orchestration.test_readiness import deliver
from tests.releases.compared_marts import SECOND, Marts, standing

GOOD = DeliveryOutcome(
    "nav-2025-T3-01", "nav", "accepted", loaded={"saker": 3, "personer": 4}, quarantined={"saker": 1}
)
BAD = DeliveryOutcome("nav-2025-T3-02", "nav", "refused", "rows_mismatch", "saker.csv has 3 rows, not 4.")
FUTURE = Period.of(today())
SEEN = DeliveryOutcome("nav-2025-T2-01", "nav", "already_loaded")


class Runs:
    """Airflow's task instance, as far as it tells of runs: which DAGs have one in these states, and in how many a task is yet to end."""

    def __init__(self, **states: str) -> None:
        self.states = states
        self.unended: dict[str, int] = {}

    def get_dr_count(self, dag_id: str, states: list[str]) -> int:
        return int(self.states.get(dag_id) in states)

    def get_ti_count(self, dag_id: str, task_ids: list[str], states: list[str]) -> int:
        assert task_ids == [Ti.task_id]
        assert {"null", "up_for_retry"} <= set(states)
        return self.unended.get(dag_id, 0)


class Ti(Runs):
    """Airflow's task instance, as far as the steps ask it."""

    task_id = "publish"
    dag_id = "assess"
    task = SimpleNamespace(upstream_task_ids={"pin"})

    def __init__(self, **states: str) -> None:
        super().__init__(**states)
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def xcom_pull(self, task_ids: str, key: str = "") -> Any:
        return self.pushed.get(key or task_ids) if task_ids in {"receive", "pin"} else None


@pytest.mark.usefixtures("airflow")
def test_a_refused_delivery_is_told_in_the_log_and_seen_in_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import steps
    from akrim.orchestration.steps import receiving

    ti, said = Ti(), []
    # Where a log goes depends on whether Airflow has been started in this process.
    monkeypatch.setattr(receiving, "say", lambda text, *values: said.append(text % values))
    receiving._report(ti, [GOOD])
    steps.require_accepted(ti)
    receiving._report(ti, [GOOD, BAD, SEEN])
    assert ti.pushed["outcomes"] == [asdict(GOOD), asdict(BAD), asdict(SEEN)]
    assert said[1:] == [
        "nav-2025-T3-01: accepted. 7 rows loaded, 1 set aside",
        "nav-2025-T3-02: refused. rows_mismatch: saker.csv has 3 rows, not 4.",
    ]
    with pytest.raises(AirflowSkipException, match="nav-2025-T3-02: rows_mismatch"):
        steps.require_accepted(ti)


@pytest.mark.usefixtures("airflow")
def test_what_was_refused_long_ago_and_put_right_since_is_seen_no_more(warehouse: str) -> None:
    """Its folder may lie in the inbox for ever, and each reception says again what became of it."""
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import steps

    ti = Ti()
    ti.pushed[steps.OUTCOMES] = [asdict(GOOD), asdict(replace(BAD, is_new=False))]
    deliver("nav", period="2025-T3")
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, reason, folder, folder_fingerprint)"
            " values (%s, repeat('2', 64), 'nav', '2025-T3', 'full', 'refused', %s, '', '')",
            [BAD.delivery_id, BAD.code],
        )
        with pytest.raises(
            AirflowSkipException, match=str(BAD.code)
        ):  # by the try before, as where this one was killed
            steps.require_accepted(ti)
        connection.execute(
            "update meta.deliveries set received_at = received_at - interval '1 day' where status = 'refused'"
        )
    steps.require_accepted(ti)


@pytest.mark.usefixtures("airflow", "warehouse")
def test_where_nothing_was_linked_there_is_nothing_to_verify() -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import steps

    with pytest.raises(AirflowSkipException, match="No release has been linked yet"):
        steps.check_in_full()


@pytest.mark.usefixtures("airflow", "warehouse")
def test_the_log_of_what_was_received_is_not_drowned_by_each_expectation(tmp_path: Path) -> None:
    from akrim.orchestration import steps

    (tmp_path / "inbox").mkdir()
    logging.getLogger("great_expectations").setLevel(logging.NOTSET)
    steps.receive("nav", None, Ti(), SimpleNamespace(run_type="manual"))
    assert not logging.getLogger("great_expectations.expectations.expectation").isEnabledFor(logging.INFO)


@pytest.mark.usefixtures("airflow")
@pytest.mark.parametrize(("agency", "hidden"), [("skatteetaten", 1), ("nav", 0)])
def test_a_home_that_a_delivery_protects_is_hidden_though_the_next_delivery_fails(
    agency: str, hidden: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from akrim.orchestration import steps

    def failing(*_: object, **__: object) -> None:
        raise UserError("The disk is full.", "", "")

    done: list[int] = []
    monkeypatch.setattr("akrim.deliveries.receive", failing)
    monkeypatch.setattr("akrim.warehouse.prepare", lambda: None)
    monkeypatch.setattr("akrim.releases.hide_homes", lambda: done.append(1))
    with pytest.raises(UserError, match="disk is full"):
        steps.receive(agency, None, Ti(), SimpleNamespace(run_type="manual"))
    assert len(done) == hidden


@pytest.mark.usefixtures("airflow")
def test_what_was_received_is_reported_though_homes_cannot_be_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    from akrim.orchestration import steps

    def failing() -> None:
        raise UserError("The disk is full.", "", "")

    ti = Ti()
    monkeypatch.setattr("akrim.deliveries.receive", lambda *_, **__: [BAD])
    monkeypatch.setattr("akrim.warehouse.prepare", lambda: None)
    monkeypatch.setattr("akrim.releases.hide_homes", failing)
    with pytest.raises(UserError, match="disk is full"):
        steps.receive("skatteetaten", None, ti, SimpleNamespace(run_type="manual"))
    assert ti.pushed == {"outcomes": [asdict(BAD)]}


@pytest.mark.usefixtures("airflow")
def test_an_assessment_waits_for_what_is_being_received_and_removal_for_all() -> None:
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
    from akrim.orchestration import steps

    for ask, by in (
        (RuntimeTaskInstance.get_dr_count, {"dag_id", "states"}),
        (RuntimeTaskInstance.get_ti_count, {"dag_id", "task_ids", "states"}),
    ):
        assert by <= set(inspect.signature(ask).parameters)
    for state, is_quiet in (("queued", False), ("running", False), ("success", True), ("failed", True)):
        assert steps.nothing_before(Runs(receive_nav=state)) is is_quiet
        assert steps.nothing_before(Runs(publish=state)) is is_quiet
        assert steps.nothing_before(Runs(assess=state)) is True
        assert steps.no_runs(Runs(receive_nav=state)) is is_quiet
        assert steps.no_runs(Runs(publish=state)) is is_quiet
        assert steps.no_runs(Runs(assess=state)) is is_quiet


@pytest.mark.usefixtures("airflow")
def test_no_home_is_hidden_while_changes_are_explained(
    warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a release in which one was hidden it would else be said that it is made."""
    from akrim.orchestration import steps

    def explain(_: str) -> dict[str, int]:
        with psycopg.connect(warehouse) as connection:
            query = "select pg_try_advisory_lock(hashtext('akrim.hidden_homes'))"
            return dict(connection.execute(f"select 'may be hidden', ({query})::integer").fetchall())

    monkeypatch.setattr("akrim.changes.explain", explain)
    monkeypatch.setattr("akrim.orchestration.locks.check_workbench", lambda _: None)
    ti = Ti()
    ti.pushed["pin"] = {"release_id": SECOND}
    announced = SimpleNamespace(add_partitions=lambda _: None)
    assert steps.explain(ti.pushed["pin"], ti, defaultdict(lambda: announced)) == {"may be hidden": 0}


@pytest.mark.usefixtures("airflow", "warehouse")
@pytest.mark.parametrize("step", ["link", "explain", "stage"])
def test_a_task_does_not_go_on_with_another_runs_tables(step: str, warehouse: str) -> None:
    """Nor with those of a run that pinned the same release anew, which has other inputs, or that brought it out."""
    from akrim.orchestration import layers, steps
    from akrim.orchestration.locks import occupy_workbench

    def go_on(release_id: str, fingerprint: str = "f") -> None:
        pins = {"release_id": release_id, "fingerprint": fingerprint}
        ti.pushed["pin"] = pins
        if step == "stage":
            layers.prepare({"ti": ti}, SimpleNamespace(env=pins))
        else:
            getattr(steps, step)(pins, ti)

    ti = Ti()

    with pytest.raises(UserError, match="was given up: a person was erased"):
        go_on("2026-T1.1")
    occupy_workbench("2025-T3.1")
    with pytest.raises(
        UserError, match=r"2026-T1\.1 was overtaken by another run\.\n  where: release 2025-T3\.1"
    ):
        go_on("2026-T1.1")
    with psycopg.connect(warehouse) as connection:
        Marts(connection)
    occupy_workbench(SECOND)
    with pytest.raises(UserError, match=rf"{SECOND} was overtaken by another run"):
        go_on(SECOND, "of inputs that have changed since")
    with pytest.raises(Exception, match=r"^(?!.*(overtaken|were removed on))"):
        go_on(SECOND)
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.delivery_removals (delivery_id, extract, rows_removed, rows_held) values ('nav-2026-T1-01', 'saker', 1, 0)"
        )
    with pytest.raises(UserError, match="Rows of nav-2026-T1-01 were removed on"):
        go_on(SECOND)
    occupy_workbench("2025-T3.1")
    with pytest.raises(UserError, match=r"2025-T3\.1 went out: it is not made again"):
        go_on("2025-T3.1")


@pytest.mark.usefixtures("airflow", "warehouse")
def test_a_folder_that_is_being_filled_is_left_alone_by_a_scheduler_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from akrim.orchestration import steps

    (tmp_path / "inbox" / "nav" / "nav-2026-T1-01").mkdir(parents=True)
    (tmp_path / "inbox" / "nav" / "nav-2026-T1-01" / "saker.csv").write_text("sak_id")
    configure(monkeypatch, AKRIM_INBOX=str(tmp_path / "inbox"))
    said = {}
    for kind in ("scheduled", "asset_triggered", "manual"):
        ti = Ti()
        steps.receive("nav", None, ti, SimpleNamespace(run_type=kind))
        said[kind] = [(outcome["status"], outcome["code"]) for outcome in ti.pushed["outcomes"]]
    assert said["scheduled"] == said["asset_triggered"] != said["manual"]
    assert [status for status, _ in said["scheduled"]] == ["waiting"]
    assert [status for status, _ in said["manual"]] == ["refused"]


@pytest.mark.usefixtures("airflow", "warehouse")
def test_without_a_key_to_sign_receipts_with_nothing_is_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be received, and every receipt fail, before the assessment tells of the key."""
    from akrim.orchestration import steps
    from akrim.orchestration.steps import receiving

    (tmp_path / "inbox").mkdir()
    configure(monkeypatch, AKRIM_INBOX=str(tmp_path / "inbox"), AKRIM_DATA_MODE="production")
    monkeypatch.setattr(receiving, "require_decided", lambda: None)
    scanned = partial(steps.scan, Ti(), SimpleNamespace(run_type="manual"))
    assert scanned() == []
    (tmp_path / "inbox" / "nav" / "nav-2026-T1-01").mkdir(parents=True)
    with pytest.raises(UserError, match="no key to sign releases with"):
        scanned()
    create_keys()
    assert scanned() == ["announce_nav"]


@pytest.mark.usefixtures("airflow")
@pytest.mark.parametrize("made", [[], [{"oslo": "1"}, {"alta": "2"}]])
def test_parts_are_asked_for_at_once(made: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, each run would have an error in its log: that there is none after the last."""
    from akrim.orchestration import locks, steps
    from akrim.orchestration.steps import assessing

    class Mapped(list[dict[str, str]]):
        def __iter__(self) -> Any:
            pytest.fail("asked for one by one")

    taken = []
    for module, name in ((assessing, "require_decided"), (locks, "lock_assessment")):
        monkeypatch.setattr(module, name, lambda: None)
    monkeypatch.setattr(assessing, "_code", lambda: "code")
    monkeypatch.setattr(
        releases,
        "publish",
        lambda release_id, parts: taken.append(parts) or SimpleNamespace(path=release_id, centres={}),
    )
    events: Any = defaultdict(lambda: SimpleNamespace(add_partitions=lambda _: None))
    steps.publish(Mapped(made), {"release_id": SECOND}, Ti(), SimpleNamespace(partition_key=""), events)
    assert taken == [releases.Made({"oslo": "1", "alta": "2"}, "code") if made else None]


@pytest.mark.usefixtures("airflow")
def test_a_walk_knows_whom_nothing_was_sent_to_for_want_of_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else of the sending fails."""
    from akrim.orchestration import steps
    from akrim.orchestration.airflow import internals
    from akrim.orchestration.local import walk

    ti = Ti()
    sending = SendingSummary(without_keys=["alta", "oslo"], failed={"bergen": "it is full"})
    monkeypatch.setattr("akrim.warehouse.prepare", lambda: None)
    monkeypatch.setattr("akrim.releases.renew_catalogue", lambda: None)
    monkeypatch.setattr("akrim.sending.deliver", lambda: sending)
    monkeypatch.setattr(internals, "updated_partitions", lambda *_: [])
    with pytest.raises(UserError, match="it is full"):
        steps.deliver(ti)
    ended = SimpleNamespace(
        task_id="deliver",
        state="failed",
        xcom_pull=lambda task_ids, key: ti.pushed.get(key) if task_ids else None,
    )
    run = SimpleNamespace(state="failed", get_task_instances=lambda: [ended])
    dag = SimpleNamespace(dag_id="deliver", params={}, tasks=[], test=lambda **_: run)
    walked = walk.Walk({})
    walk._run_if_due(dag, walked)
    assert (walked.without_keys, walked.failed) == (["alta", "oslo"], ["deliver"])


@pytest.mark.usefixtures("airflow")
def test_who_asked_for_a_run_is_a_login_or_in_process_the_account() -> None:
    """Airflow's DAG.test calls everybody alike, and what it started itself has nobody's name."""
    from airflow.sdk.definitions.dag import DAG
    from airflow.sdk.types import DagRunProtocol
    from akrim.orchestration.steps import run

    def run_called(name: str | None, *events: tuple[str | None, dict[str, str]]) -> Any:
        consumed = [SimpleNamespace(source_run_id=source, extra=extra) for source, extra in events]
        return SimpleNamespace(triggering_user_name=name, consumed_asset_events=consumed, dag_id="assess")

    assert f'triggering_user_name="{run.IN_PROCESS}"' in inspect.getsource(DAG.test)
    assert {"triggering_user_name", "consumed_asset_events"} <= DagRunProtocol.__annotations__.keys()
    asked = [run.asked_by(run_called(name)) for name in ("kari", None, run.IN_PROCESS)]
    assert asked == [{"kari"}, set(), {getpass.getuser()}]
    by_clock, by_kari, by_ola = (
        ("scheduled__1", {}),
        *(("backfill__1", {run.ASKED_BY: name}) for name in ("kari", "ola")),
    )
    assert run.asked_by(run_called(None, by_clock)) == set()
    assert run.asked_by(run_called(None, by_kari, by_clock, by_ola)) == {"kari", "ola"}
    with pytest.raises(UserError, match="somebody made by hand"):
        run.asked_by(run_called(None, by_clock, (None, {"asked_by": "nobody"})))


@pytest.mark.usefixtures("airflow", "home")
def test_a_held_release_is_neither_red_nor_tried_again_and_a_failed_one_is_marked(warehouse: str) -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import faults, steps

    ti = Ti()
    with psycopg.connect(warehouse) as connection:
        Marts(connection).pin(SECOND, saker=standing("empty", 0, 5))
    with pytest.raises(AirflowSkipException, match=f"{SECOND} is on hold"):
        steps.publish(params={}, ti=ti, dag_run=SimpleNamespace(partition_key=SECOND))
    assert f"akrim releases approve {SECOND}" in ti.pushed[steps.HOLD]
    assert ledger.history(SECOND)["status"] == "building"
    given = {"ti": ti, "params": {}, "dag_run": SimpleNamespace(partition_key=SECOND)}
    faults.record_failure({**given, "exception": ValueError("cannot parse 'Kari'")})
    known = ledger.history(SECOND)
    assert known is not None
    assert known["status"] == "failed"
    assert [failure["reason"] for failure in known["failures"]] == ["ValueError: cannot parse '…'"]

    # Cleared and brought to its end, it waits for a person as any other does.
    with pytest.raises(AirflowSkipException, match=f"{SECOND} is on hold"):
        steps.publish(params={}, ti=ti, dag_run=SimpleNamespace(partition_key=SECOND))
    assert [row["state"] for row in ledger.list_releases() if row["release_id"] == SECOND] == ["held"]
    ti.pushed["pin"] = {"release_id": SECOND, "fingerprint": "of inputs that have changed since"}
    faults.record_failure({**given, "exception": ValueError("overtaken")})
    assert [row["state"] for row in ledger.list_releases() if row["release_id"] == SECOND] == ["held"]
    releases.approve(SECOND, "Kari Vakt", "Lest")


@pytest.mark.usefixtures("airflow", "home")
def test_no_part_is_made_apart_in_process_without_an_exchange_or_of_a_held_release(
    warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from akrim.orchestration import steps
    from akrim.orchestration.steps.run import IN_PROCESS

    def wanted(by: str | None, release_id: str) -> list[str]:
        run = SimpleNamespace(partition_key=release_id, triggering_user_name=by)
        return steps.list_parts(params={}, dag_run=run)

    assert wanted(None, "2026-T1.9") == [], "there is no exchange: nothing is looked up"
    configure(monkeypatch, AKRIM_PARTS_EXCHANGE=str(tmp_path / "exchange"))
    assert wanted(IN_PROCESS, "2026-T1.9") == []
    with pytest.raises(UserError, match=r"2026-T1\.9"):
        wanted(None, "2026-T1.9")
    with psycopg.connect(warehouse) as connection:
        Marts(connection).pin(SECOND, saker=standing("empty", 0, 5))
    assert wanted(None, SECOND) == [], "`publish` tells of the hold"
    assert not (tmp_path / "exchange").exists()


@pytest.mark.usefixtures("airflow", "home")
def test_a_release_that_is_out_is_not_made_again_under_its_id(warehouse: str) -> None:
    """Its persons would be undone first, and no run could link on from them if this one failed."""
    from akrim.orchestration import steps

    with psycopg.connect(warehouse) as connection:
        Marts(connection)
    with pytest.raises(UserError, match=r"2025-T3\.1 went out: it is not made again"):
        steps.pin(params={"release_id": "2025-T3.1"}, ti=Ti(), dag_run=run_of("manual", None))


def run_of(kind: str, partition: str | None) -> Any:
    return SimpleNamespace(
        run_type=kind,
        partition_key=partition,
        dag_id="assess",
        triggering_user_name=None,
        consumed_asset_events=[],
    )


@pytest.mark.usefixtures("airflow", "warehouse")
def test_a_run_is_for_its_partition_or_for_what_somebody_named() -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import steps
    from akrim.orchestration.steps.assessing import _chosen_period

    deliver("nav", period="2025-T3")
    for named, run in (
        ("2025-T3", run_of("manual", None)),
        (None, run_of("manual", "2025-T3")),
        ("2025-T3", run_of("manual", "2024-T1")),
        (None, run_of("asset_triggered", "2025-T3")),  # it is long over: nobody is waited for
    ):
        assert _chosen_period({"period": named}, run) == Period(2025, 3)
    deliver("nav", period=str(FUTURE))
    for period, told in (("2024-T1", "Nothing that was delivered"), (str(FUTURE), f"{FUTURE} waits for")):
        with pytest.raises(AirflowSkipException, match=told):
            _chosen_period({"period": None}, run_of("asset_triggered", period))
    with pytest.raises(UserError, match="nobody named one"):
        _chosen_period({"period": None}, run_of("manual", None))
    assert steps.named_release({}, run_of("manual", "2025-T3")) is None, "a period is no release"


@pytest.mark.usefixtures("airflow", "warehouse")
@pytest.mark.parametrize("step", ["link", "explain", "stage"])
def test_nothing_is_made_from_what_a_task_that_was_marked_as_a_success_has_not_made(step: str) -> None:
    from akrim.orchestration import layers, steps

    def go_on() -> Any:
        if step == "stage":
            return layers.prepare({"ti": Ti()}, SimpleNamespace(env=None))
        return getattr(steps, step)(None, Ti())

    with pytest.raises(UserError, match=r"(?s)The task pin was marked as a success.*Clear pin in"):
        go_on()
