"""When a scheduled assessment starts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from akrim import ledger
from akrim.deliveries import withdraw
from akrim.orchestration import readiness
from akrim.orchestration.pinning import pin
from akrim.periods import Period
from akrim.warehouse import connect
from psycopg.types.json import Jsonb

from tests.ledger.entering import enter_release

PERIOD = Period.parse("2026-T1")
EXPECTED = ("arbeidstilsynet", "brreg", "nav", "politiet", "skatteetaten")
IN_TIME = PERIOD.as_of + timedelta(days=30)
TOO_LATE = PERIOD.as_of + timedelta(days=31)
PROTECTING = """
insert into landing.protection_statements (delivery_id, agency, extract, record_id, is_keyless, grade)
values ('skatteetaten-2026-T2-01', 'skatteetaten', 'personer', 'P1', false, 'fortrolig')
"""


def deliver(*agencies: str, period: str = "2026-T1", status: str = "accepted", number: int = 1) -> None:
    with connect() as connection:
        for agency in agencies:
            connection.execute(
                """insert into meta.deliveries
                    (delivery_id, manifest_sha256, agency, period, mode, status, reason, folder, folder_fingerprint, delivered_at)
                values (%s, 'x', %s, %s, 'full', %s, %s, 'f', 'f', now())""",
                [
                    f"{agency}-{period}-{number:02}",
                    agency,
                    period,
                    status,
                    None if status == "accepted" else "columns",
                ],
            )


def reserve(release_id: str) -> None:
    """A release whose inputs were pinned, and that failed."""
    with connect() as connection:
        enter_release(connection, release_id, "failed")


@pytest.mark.usefixtures("warehouse")
class TestReadiness:
    def test_nothing_is_due_in_an_empty_warehouse(self) -> None:
        assert readiness.newest_period(TOO_LATE) is None
        assert readiness.overdue_period(TOO_LATE) is None

    def test_the_period_is_the_newest_with_an_accepted_delivery(self) -> None:
        deliver("nav", period="2025-T3")
        deliver("nav", period="2026-T1")
        deliver("nav", period="2026-T2", status="refused")
        assert readiness.newest_period(TOO_LATE) == PERIOD

    def test_a_period_that_is_still_to_end_keeps_none_before_it_waiting(self) -> None:
        deliver("nav", period="2026-T1")
        deliver("nav", period="2030-T1")
        assert readiness.newest_period(TOO_LATE) == PERIOD
        assert readiness.newest_period(PERIOD.as_of) is None

    @pytest.mark.parametrize(
        ("of", "called_for"),
        [
            ("2026-T1", PERIOD),
            ("2025-T3", PERIOD),  # a correction of what the newest builds on
            ("2026-T2", None),  # not over
        ],
    )
    def test_what_comes_new_calls_for_the_newest_period_that_it_changes(
        self, of: str, called_for: Period | None
    ) -> None:
        deliver("brreg", period="2026-T1")
        deliver("nav", period=of)
        deliver("politiet", period=of, status="refused")
        assert readiness.called_for([], TOO_LATE) == PERIOD, "nothing was pinned since brreg delivered"
        reserve("2026-T1.1")
        assert readiness.called_for([f"nav-{of}-01"], TOO_LATE) == called_for
        assert readiness.called_for([f"politiet-{of}-01"], TOO_LATE) is None
        assert readiness.called_for([], TOO_LATE) is None

    def test_what_came_of_anybody_since_the_period_was_pinned_calls_for_it_though_another_was_pinned_later(
        self,
    ) -> None:
        deliver("brreg")
        reserve("2026-T1.1")
        deliver("nav")
        reserve("2025-T3.1")
        assert readiness.called_for([], TOO_LATE) == PERIOD

    def test_what_was_read_again_since_the_period_was_pinned_calls_for_it_whenever_it_came(self) -> None:
        deliver("brreg", "nav")
        reserve("2026-T1.1")
        with connect() as connection:
            connection.execute(
                "insert into meta.delivery_replays (delivery_id, by_name, reason, done_at, outcome, made)"
                " values ('nav-2025-T3-01', 'kari', 'mended', now(), 'accepted', 'nav-2026-T1-01')"
            )
        assert readiness.called_for([], TOO_LATE) == PERIOD

    def test_a_period_is_delivered_where_something_for_it_is_in_force(self) -> None:
        deliver("nav")
        assert [readiness.is_delivered(Period.parse(name)) for name in ("2026-T1", "2025-T3")] == [
            True,
            False,
        ]

    def test_a_withdrawn_delivery_counts_for_nothing(self) -> None:
        deliver(*EXPECTED)
        deliver("nav", period="2026-T2")
        withdraw("nav-2026-T2-01", "Kari Vakt", "delivered for the wrong period")
        withdraw("nav-2026-T1-01", "Kari Vakt", "delivered for the wrong period")
        assert readiness.newest_period(date(2026, 12, 1)) == PERIOD
        assert readiness.missing_agencies(PERIOD) == ["nav"]

    def test_agencies_that_are_expected_each_period_are_waited_for(self) -> None:
        deliver("brreg", "nav", "politiet", "skatteetaten")
        deliver("arbeidstilsynet", status="refused")
        assert readiness.missing_agencies(PERIOD) == ["arbeidstilsynet"]

    def test_the_centres_are_not_waited_for(self) -> None:
        deliver(*EXPECTED)
        assert readiness.missing_agencies(PERIOD) == []

    def test_the_wait_ends_some_days_after_the_cut_off(self) -> None:
        deliver("nav")
        assert readiness.overdue_period(IN_TIME) is None
        assert readiness.overdue_period(TOO_LATE) == PERIOD

    def test_a_complete_period_is_announced_by_time_where_its_call_was_lost(self) -> None:
        """Airflow drops what calls for a DAG that is paused."""
        deliver(*EXPECTED)
        assert readiness.overdue_period(IN_TIME) == readiness.overdue_period(TOO_LATE) == PERIOD
        reserve("2026-T1.1")
        assert readiness.overdue_period(IN_TIME) is None

    def test_a_period_that_was_begun_is_not_announced_again(self) -> None:
        deliver("nav")
        reserve("2026-T1.1")
        assert readiness.overdue_period(TOO_LATE) is None

    @pytest.mark.parametrize("status", ["failed", "building"])
    def test_what_cannot_go_out_since_a_home_was_protected_meanwhile_is_begun_anew(self, status: str) -> None:
        """By a delivery for a period that is not over, which calls for nothing: once, since that is pinned then."""
        deliver(*EXPECTED)
        with connect() as connection:
            enter_release(connection, "2026-T1.1", "published", published_at=datetime.now(UTC))
            enter_release(connection, "2026-T1.2", status)
        deliver("skatteetaten", period="2026-T2")
        assert readiness.overdue_period(TOO_LATE) is None, "it protects nobody"
        with connect() as connection:
            connection.execute(PROTECTING)
        assert readiness.overdue_period(TOO_LATE) == PERIOD
        with connect() as connection:
            heard = [{"delivery_id": "skatteetaten-2026-T2-01", "is_lift_void": False}]
            pins = Jsonb({"protections": {"skatteetaten": heard}})
            connection.execute("update meta.releases set pins = %s where release_id = '2026-T1.2'", [pins])
        assert readiness.overdue_period(TOO_LATE) is None

    def test_what_was_given_up_is_begun_anew_once_where_its_inputs_are_again_those_of_what_is_out(
        self,
    ) -> None:
        """As where the delivery that the revision was begun for was withdrawn: nothing is pinned anew then."""
        deliver(*EXPECTED)
        with connect() as connection:
            ledger.mark_published(connection, pin(PERIOD).release_id)
        deliver("nav", number=2)
        ledger.record_failure(pin(PERIOD).release_id, "publish", "a home is protected meanwhile")
        withdraw("nav-2026-T1-02", "Kari Vakt", "delivered by mistake")
        deliver("skatteetaten", period="2026-T2")
        with connect() as connection:
            connection.execute(PROTECTING)
        assert readiness.overdue_period(TOO_LATE) == PERIOD
        assert not pin(PERIOD).is_new
        assert readiness.overdue_period(TOO_LATE) is None
        with connect() as connection:
            connection.execute("update meta.releases set pins = '{}', published_at = now()")
        assert readiness.overdue_period(TOO_LATE) is None, "it is out"
