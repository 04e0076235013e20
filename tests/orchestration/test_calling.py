"""What calls for a run of a DAG: something new in the inbox, what was accepted of it, the end of a period or of a wait."""

from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from akrim.contracts import load_contracts
from akrim.deliveries import DeliveryOutcome
from akrim.errors import UserError
from akrim.settings import get_settings

from tests.conftest import configure
from tests.orchestration.test_readiness import deliver, reserve
from tests.orchestration.test_steps import BAD, FUTURE, GOOD, SEEN, Ti, run_of


@pytest.mark.usefixtures("airflow", "warehouse")
def test_what_was_accepted_or_is_over_calls_for_a_period_as_a_partition() -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from airflow.sdk.execution_time.context import OutletEventAccessors
    from akrim.orchestration import assets, steps

    ti, called = Ti(), OutletEventAccessors()
    by_clock, by_kari = (SimpleNamespace(triggering_user_name=name) for name in (None, "kari"))
    steps.announce_period_over("2026-05-01", by_clock, called)
    assert (called[assets.PERIOD_OVER].partition_keys, called[assets.PERIOD_OVER].extra) == ({"2026-T2"}, {})
    backfilled = OutletEventAccessors()
    steps.announce_period_over("2026-05-01", by_kari, backfilled)
    assert backfilled[assets.PERIOD_OVER].extra == {"asked_by": "kari"}
    with pytest.raises(AirflowSkipException, match="a period that is over"):  # a backfill may name any day
        steps.announce_period_over(str(FUTURE.start), by_clock, OutletEventAccessors())
    for none in (None, "2026-T2"):  # somebody started it by hand
        with pytest.raises(UserError, match="not the day on which one began"):
            steps.announce_period_over(none, by_clock, called)
    deliver("nav", period="2025-T3")
    ti.pushed[steps.OUTCOMES] = [asdict(GOOD), asdict(BAD), asdict(SEEN)]
    steps.announce_received("nav", ti, called)
    assert called[assets.received("nav")].partition_keys == {"2025-T3"}
    # So it does where the reception that accepted it was broken off by the next one.
    ti.pushed[steps.OUTCOMES] = [asdict(BAD), asdict(SEEN)]
    again = OutletEventAccessors()
    steps.announce_received("nav", ti, again)
    assert again[assets.received("nav")].partition_keys == {"2025-T3"}
    reserve("2025-T3.1")
    with pytest.raises(AirflowSkipException, match="Nothing new is in force"):
        steps.announce_received("nav", ti, called)


@pytest.mark.usefixtures("airflow", "warehouse")
@pytest.mark.parametrize(
    ("setting", "named", "told"),
    [
        ("AKRIM_EXPORTS", "gone", "no export format `gone`"),
        ("AKRIM_LINKAGE_MODEL", "2020-01-01-abcdef", "no linkage model 2020-01-01-abcdef"),
        ("AKRIM_LIMITS", "/nowhere.yml", "The file of plausibility limits cannot be read"),
    ],
)
def test_a_setting_that_would_end_the_assessment_is_told_and_calls_for_none(
    setting: str, named: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing would be pinned, so that every scan called for it anew."""
    from airflow.sdk.execution_time.context import OutletEventAccessors
    from akrim.orchestration import assets, local, steps

    deliver("nav", period="2025-T3")
    monkeypatch.setenv(setting, named)
    get_settings.cache_clear()
    called = OutletEventAccessors()
    with pytest.raises(UserError, match=told):
        steps.announce_wait_over(called)
    assert not called[assets.WAIT_OVER].partition_keys
    with pytest.raises(UserError, match=told):
        local.run("", FUTURE.previous)  # before it looks for an inbox
    monkeypatch.delenv(setting)
    get_settings.cache_clear()
    steps.announce_wait_over(called)
    assert called[assets.WAIT_OVER].partition_keys == {"2025-T3"}


@pytest.mark.usefixtures("airflow", "warehouse")
def test_only_whoever_comes_last_calls_for_a_period_so_that_it_is_assessed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from airflow.sdk.execution_time.context import OutletEventAccessors
    from akrim.orchestration import assets, steps

    configure(monkeypatch, AKRIM_DAYS_TO_WAIT="365")
    ti, called, newest = Ti(), OutletEventAccessors(), str(FUTURE.previous)
    first, *others = [name for name, contract in load_contracts().items() if contract.is_expected_each_period]
    for agency in (first, *others):
        deliver(agency, period=newest)
        ti.pushed[steps.OUTCOMES] = [asdict(DeliveryOutcome(f"{agency}-{newest}-01", agency, "accepted"))]
        if agency != others[-1]:
            with pytest.raises(AirflowSkipException, match=f"{newest} waits for .*{others[-1]}"):
                steps.announce_received(agency, ti, called)
    steps.announce_received(others[-1], ti, called)
    assert called[assets.received(others[-1])].partition_keys == {newest}


@pytest.mark.usefixtures("airflow", "warehouse")
def test_of_receptions_that_are_under_way_the_last_calls_for_all() -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from airflow.sdk.execution_time.context import OutletEventAccessors
    from akrim.orchestration import assets, steps

    deliver("nav", "brreg", period="2025-T3")
    called = OutletEventAccessors()
    for agency, unended, under_way in (
        ("nav", {"receive_nav": 1, "receive_brreg": 1}, "brreg"),
        ("nav", {"receive_nav": 2}, "nav"),  # its next run, which takes in what this one did not see
    ):
        ti = Ti(receive_nav="running", receive_brreg="queued", receive_politiet="success")
        ti.unended = unended
        with pytest.raises(AirflowSkipException, match=f"The reception of {under_way} is under way"):
            steps.announce_received(agency, ti, called)
    # The last had nothing accepted itself; of a run that has ended nobody waits for a task.
    ti = Ti(receive_nav="running", receive_brreg="running", receive_politiet="success")
    ti.unended = {"receive_brreg": 1, "receive_politiet": 1}
    ti.pushed[steps.OUTCOMES] = [asdict(BAD)]
    steps.announce_received("brreg", ti, called)
    assert called[assets.received("brreg")].partition_keys == {"2025-T3"}
    assert not called[assets.received("nav")].partition_keys


@pytest.mark.usefixtures("airflow", "warehouse", "home")
def test_a_scan_announces_nothing_that_a_run_takes_in_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from akrim.orchestration import steps

    configure(monkeypatch, AKRIM_INBOX=str(tmp_path))
    for agency in ("nav", "brreg"):
        (tmp_path / agency / f"{agency}-2025-T3-02").mkdir(parents=True)
        (tmp_path / agency / f"{agency}-2025-T3-02" / "manifest.json").write_text("{}")
    deliver("politiet", period="2025-T3")  # the wait for the others is long over
    for state, announced in (
        ("queued", ["announce_brreg"]),
        ("running", ["announce_brreg"]),
        ("success", ["announce_brreg", "announce_nav", "announce_wait_over"]),
    ):
        assert steps.scan(Ti(receive_nav=state), run_of("scheduled", None)) == announced
    quiet = steps.scan(Ti(assess="queued"), run_of("scheduled", None))
    assert quiet == ["announce_brreg", "announce_nav"], "the run that waits may be for this period"
