"""One assessment at a time, and whoever waits for another says so."""

from threading import Timer

import psycopg
import pytest
from akrim.orchestration.locks import assessment_lock


@pytest.mark.parametrize("is_taken", [False, True])
def test_whoever_waits_for_another_run_says_so(
    warehouse: str, caplog: pytest.LogCaptureFixture, is_taken: bool
) -> None:
    with psycopg.connect(warehouse, autocommit=True) as other:
        if is_taken:
            other.execute("select pg_advisory_lock(hashtext('akrim.assessment'))")
            Timer(0.5, other.close).start()
        with assessment_lock():
            pass
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == (
        ["Another run assesses or publishes just now"] if is_taken else []
    )
