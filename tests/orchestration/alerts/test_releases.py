"""What is told of a release that does not go out, or of one that rests on what no longer counts."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from akrim import ledger
from akrim.orchestration.alerts import Alert, current_conditions
from akrim.orchestration.alerts.outdated import outdated
from akrim.settings import get_settings

from tests.ledger.entering import enter_release, enter_run
from tests.orchestration.alerts.standing import DELIVERY, LONG_AGO, TODAY, WITHDRAW, pins, stands


def test_a_release_that_was_given_up_is_told_of_unless_its_period_is_assessed_by_itself(
    warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        enter_release(connection, "2025-T3.1", "building", is_explained=False)
        assert "unfinished" not in stands(), "it may be under way"
        connection.execute("update meta.releases set reserved_at = %s", [LONG_AGO])
        assert stands()["unfinished"] == ["2025-T3.1"]
        with monkeypatch.context() as patch:
            patch.setattr("akrim.orchestration.alerts.conditions.overdue_period", lambda _: "2025-T3")
            assert "unfinished" not in stands(), "the next scan calls for it"
        enter_release(connection, "2026-T1.1", published_at=datetime.now(UTC))
        assert stands()["unfinished"] == ["2025-T3.1"], "another period is out since, and this one is not"


def test_a_release_that_another_period_overtook_is_told_of(warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        enter_release(connection, "2026-T1.1", "building", is_explained=True, reserved_at=LONG_AGO)
        enter_run(connection, "2026-T1.1")
        assert stands()["unpublished"] == ["2026-T1.1"]
        enter_release(connection, "2025-T3.1", published_at=datetime.now(UTC))
        assert stands()["unfinished"] == ["2026-T1.1"], "it cannot go out as it is, and must be made again"
        connection.execute(
            "insert into meta.release_holds (release_id, limit_code, reason) values ('2026-T1.1', 'x', 'x')"
        )
        assert stands()["unfinished"] == ["2026-T1.1"], "whoever lets it go is refused"
        assert not {"held", "undecided"} & stands().keys()
        enter_release(connection, "2026-T1.2", published_at=datetime.now(UTC))
        assert "unfinished" not in stands(), "the next revision of its period is out"


def test_a_held_release_whose_links_another_run_undid_is_told_of_as_one_to_make_again(warehouse: str) -> None:
    """That other one may be held itself, and then none of them is out."""
    with psycopg.connect(warehouse, autocommit=True) as connection:
        enter_release(connection, "2026-T1.1", "building", is_explained=True, reserved_at=LONG_AGO)
        enter_run(connection, "2026-T1.1")
        connection.execute(
            "insert into meta.release_holds (release_id, limit_code, reason) values ('2026-T1.1', 'x', 'x')"
        )
        assert stands()["held"] == ["2026-T1.1"]
        connection.execute("delete from linkage.runs")
        assert stands() == stands() | {"unfinished": ["2026-T1.1"]}
        assert not {"held", "undecided", "unpublished"} & stands().keys()


@pytest.mark.parametrize("is_held", [True, False])
def test_a_release_of_what_was_withdrawn_is_told_of_as_one_to_make_again(
    warehouse: str, is_held: bool
) -> None:
    """At once: it is not under way, and whoever lets it go or publishes it is refused."""
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERY.encode(), ["nav-2026-T1-01", "2026-T1", "accepted", None, 0])
        enter_release(connection, "2026-T1.1", "building", pins("2026-T1"), is_explained=True)
        enter_run(connection, "2026-T1.1")
        if is_held:
            connection.execute(
                "insert into meta.release_holds (release_id, limit_code, reason) values ('2026-T1.1', 'x', 'x')"
            )
        assert ("held" in stands(), "unfinished" in stands()) == (is_held, False)
        connection.execute(WITHDRAW, ["nav-2026-T1-01"])
        assert stands()["unfinished"] == ["2026-T1.1"]
        assert "held" not in stands()
        connection.execute("update meta.releases set reserved_at = %s", [LONG_AGO])
        assert not {"undecided", "unpublished"} & stands().keys()
        known = ledger.history("2026-T1.1") or {}
        assert known["is_overtaken"], "by which its page and `releases show` advise"


def test_a_release_that_is_made_and_does_not_go_out_is_told_of_once(warehouse: str) -> None:
    """And not as well by the one whose place it takes."""
    by_mail = timedelta(hours=get_settings().deadline_hours)
    with psycopg.connect(warehouse, autocommit=True) as connection:
        for number, minute in ((1, -5000), (2, -2000)):
            connection.execute(
                DELIVERY.encode(), [f"nav-2026-T1-0{number}", "2026-T1", "accepted", None, minute]
            )
        enter_release(connection, "2026-T1.1", pins=pins("2026-T1"))
        assert "outdated" in stands()
        enter_release(connection, "2026-T1.2", "building", pins("2026-T1"), is_explained=True)
        enter_run(connection, "2026-T1.2")
        assert "unpublished" not in stands(), "it may be on its way"
        told = {alert.kind for alert in current_conditions(TODAY, by_mail)}
        assert not {"outdated", "unpublished"} & told, "it may be on its way"
        connection.execute("update meta.releases set reserved_at = %s", [LONG_AGO])
        for since in (by_mail, timedelta()):
            told = {alert.kind for alert in current_conditions(TODAY, since)}
            assert {"outdated", "unpublished"} & told == {"unpublished"}


def test_a_release_whose_deliveries_no_longer_count_is_told_of_and_so_is_none_in_force(
    warehouse: str,
) -> None:
    about = {"release_id": "2026-T1.1", "period": "2026-T1"}
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERY.encode(), ["nav-2026-T1-01", "2026-T1", "accepted", None, -300])
        enter_release(connection, "2026-T1.1", pins=pins("2026-T1"))
        assert outdated(timedelta()) == []
        connection.execute(DELIVERY.encode(), ["nav-2025-T3-01", "2025-T3", "accepted", None, -200])
        assert outdated(timedelta()) == [], "an earlier one changes nothing of this period"
        connection.execute(DELIVERY.encode(), ["nav-2026-T1-02", "2026-T1", "accepted", None, -120])
        replaced = Alert("outdated", about | {"deliveries": "nav-2026-T1-01, nav-2026-T1-02"})
        assert outdated(timedelta(hours=1)) == [replaced]
        assert outdated(timedelta(hours=3)) == [], "a scheduler may be at it"
        enter_release(connection, "2026-T1.2", "building", pins("2026-T1"))
        connection.execute(
            "insert into meta.release_holds (release_id, limit_code, reason) values ('2026-T1.2', 'by_person', '')"
        )
        assert outdated(timedelta()) == [], "the one that takes its place waits for a person"
        for table in ("release_holds", "releases"):
            connection.execute(f"delete from meta.{table} where release_id = '2026-T1.2'".encode())
        connection.execute(
            "insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values ('nav-2026-T1-02', 'kari', 'wrong')"
        )
        assert outdated(timedelta()) == []
        connection.execute(DELIVERY.encode(), ["sentrene-2026-T1-01", "2026-T1", "accepted", None, -100])
        connection.execute(
            "update meta.deliveries set agency = 'sentrene' where delivery_id like 'sentrene%'"
        )
        assert outdated(timedelta()) == [], "the next assessment takes decisions"
        connection.execute(
            "insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values ('nav-2026-T1-01', 'kari', 'wrong')"
        )
        assert [alert.kind for alert in outdated(timedelta())] == ["outdated"]
        assert outdated(timedelta(hours=1)) == [], "it was withdrawn just now, however long ago it came"
        connection.execute("update meta.releases set status = 'recalled'")
        assert outdated(timedelta()) == [
            Alert("none_in_force", {"release_id": "2026-T1.1", "period": "2026-T1"})
        ]
        enter_release(connection, "2025-T3.1", pins=pins("2025-T3"))
        assert outdated(timedelta()) == [
            Alert("none_in_force", {"release_id": "2026-T1.1", "period": "2026-T1"})
        ]
        enter_release(connection, "2026-T2.1", pins=pins("2026-T2"))
        assert [alert.kind for alert in outdated(timedelta())] == ["outdated"], (
            "one of a later period is in force"
        )
