"""What a task says and shows where there is nothing to do, or something was refused."""

import logging
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from akrim import ledger
from akrim.deliveries import DeliveryOutcome

from tests.releases.test_plausibility import SECOND, Marts, standing

GOOD = DeliveryOutcome(
    "nav-2025-T3-01", "nav", "accepted", loaded={"saker": 3, "personer": 4}, quarantined={"saker": 1}
)
BAD = DeliveryOutcome("nav-2025-T3-02", "nav", "refused", "rows_mismatch", "saker.csv has 3 rows, not 4.")
SEEN = DeliveryOutcome("nav-2025-T2-01", "nav", "already_loaded")


class Ti:
    """Airflow's task instance, as far as the steps ask it."""

    task_id = "publish"

    def __init__(self) -> None:
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def xcom_pull(self, task_ids: str, key: str = "") -> Any:
        return self.pushed.get(key) if task_ids == "receive" else None


@pytest.mark.usefixtures("airflow")
def test_a_refused_delivery_is_told_in_the_log_and_seen_in_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import steps

    ti, said = Ti(), []
    # Where a log goes depends on whether Airflow has been started in this process.
    monkeypatch.setattr(steps, "say", lambda text, *values: said.append(text % values))
    steps._report(ti, [GOOD])
    steps.require_accepted(ti)
    steps._report(ti, [GOOD, BAD, SEEN])
    assert ti.pushed["outcomes"] == [asdict(GOOD), asdict(BAD), asdict(SEEN)]
    assert said[1:] == [
        "nav-2025-T3-01: accepted. 7 rows loaded, 1 set aside",
        "nav-2025-T3-02: refused. rows_mismatch: saker.csv has 3 rows, not 4.",
    ]
    with pytest.raises(AirflowSkipException, match="nav-2025-T3-02: rows_mismatch"):
        steps.require_accepted(ti)


@pytest.mark.usefixtures("airflow", "warehouse")
def test_where_nothing_was_linked_there_is_nothing_to_verify() -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import linkage_steps
    from akrim.orchestration.locks import unlock_assessment

    with pytest.raises(AirflowSkipException, match="No release has been linked yet"):
        linkage_steps.check_in_full()
    unlock_assessment()


@pytest.mark.usefixtures("airflow", "warehouse")
def test_the_log_of_what_was_received_is_not_drowned_by_each_expectation(tmp_path: Path) -> None:
    from akrim.orchestration import steps

    (tmp_path / "inbox").mkdir()
    logging.getLogger("great_expectations").setLevel(logging.NOTSET)
    steps.receive("nav", None, Ti(), SimpleNamespace(run_type="manual"))
    assert not logging.getLogger("great_expectations.expectations.expectation").isEnabledFor(logging.INFO)


@pytest.mark.usefixtures("airflow", "home")
def test_a_held_release_is_neither_red_nor_tried_again_and_a_failed_one_is_marked(warehouse: str) -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import faults, steps
    from akrim.orchestration.locks import unlock_assessment

    ti = Ti()
    with psycopg.connect(warehouse) as connection:
        Marts(connection).pin(SECOND, saker=standing("empty", 0, 5))
    with pytest.raises(AirflowSkipException, match=f"{SECOND} is on hold"):
        steps.publish(params={"release_id": SECOND}, ti=ti)
    unlock_assessment()
    assert f"akrim releases approve {SECOND}" in ti.pushed[steps.HOLD]
    assert ledger.history(SECOND)["status"] == "building"  # type: ignore[index]  # it is there
    given = {"ti": ti, "params": {"release_id": SECOND}, "triggering_asset_events": {}}
    faults.record_failure({**given, "exception": ValueError("cannot parse 'Kari'")})  # type: ignore[typeddict-item]  # as far as it asks
    known = ledger.history(SECOND)
    assert known is not None
    assert known["status"] == "failed"
    assert [failure["reason"] for failure in known["failures"]] == ["ValueError: cannot parse '…'"]
