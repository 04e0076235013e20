"""What a task says and shows where there is nothing to do, or something was refused."""

import logging
from dataclasses import asdict
from typing import Any

import pytest
from akrim.deliveries import DeliveryOutcome

GOOD = DeliveryOutcome(
    "nav-2025-T3-01", "nav", "accepted", loaded={"saker": 3, "personer": 4}, quarantined={"saker": 1}
)
BAD = DeliveryOutcome("nav-2025-T3-02", "nav", "refused", "rows_mismatch", "saker.csv has 3 rows, not 4.")


class Ti:
    """Airflow's task instance, as far as the steps ask it."""

    def __init__(self) -> None:
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def xcom_pull(self, task_ids: str, key: str) -> Any:
        return self.pushed.get(key) if task_ids == "receive" else None


@pytest.mark.usefixtures("airflow")
def test_a_refused_delivery_is_told_in_the_log_and_seen_in_the_grid(caplog: pytest.LogCaptureFixture) -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import steps

    ti = Ti()
    with caplog.at_level(logging.INFO):
        steps._report(ti, [GOOD])
        steps.require_accepted(ti)
        steps._report(ti, [GOOD, BAD])
    assert ti.pushed["outcomes"] == [asdict(GOOD), asdict(BAD)]
    assert "nav-2025-T3-01: accepted. 7 rows loaded, 1 set aside" in caplog.text
    assert "nav-2025-T3-02: refused. rows_mismatch: saker.csv has 3 rows, not 4." in caplog.text
    with pytest.raises(AirflowSkipException, match="nav-2025-T3-02: rows_mismatch"):
        steps.require_accepted(ti)


@pytest.mark.usefixtures("airflow", "warehouse")
def test_where_nothing_was_linked_there_is_nothing_to_verify() -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import steps
    from akrim.orchestration.locks import unlock_assessment

    with pytest.raises(AirflowSkipException, match="No release has been linked yet"):
        steps.check_in_full()
    unlock_assessment()
