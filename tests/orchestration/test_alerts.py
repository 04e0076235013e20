"""Whoever runs the pipeline is told what waits for them, once each, by real mail and to a real webhook."""

import email
import re
from datetime import UTC, date, datetime, timedelta
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from akrim import ledger
from akrim.errors import UserError
from akrim.orchestration.alerts import Alert, current_conditions, tell
from akrim.orchestration.alerts.outdated import outdated
from akrim.orchestration.gauges import measure
from akrim.releases import ReleaseOnHold, approve, holding
from akrim.settings import get_settings
from akrim.texts import texts

from tests.conftest import configure
from tests.ledger.entering import enter_release, enter_run
from tests.letters import Hook, Letters
from tests.releases.compared_marts import FIRST, SECOND, Marts
from tests.releases.compared_marts import standing as extract

TODAY = date(2026, 5, 20)
DELIVERY = """insert into meta.deliveries
    (delivery_id, manifest_sha256, agency, period, mode, status, reason, folder, folder_fingerprint, received_at)
    values (%s, repeat('1', 64), 'nav', %s, 'full', %s, %s, '', '', now() + %s * interval '1 minute')"""
RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"


@pytest.fixture
def mailed(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> Letters:
    configure(monkeypatch, AKRIM_ALERT_MAIL='["drift@akrim.example"]')
    return letters


FAILED = Alert("failed", {"task": "assess.link", "day": "2026-05-20"})


def read(letter: tuple[list[str], str]) -> tuple[str, str]:
    """A mail's subject and text."""
    message = email.message_from_string(letter[1], policy=default)
    return str(message["Subject"]), str(message.get_content())


@pytest.mark.usefixtures("home")
def test_each_is_told_once_by_mail_and_to_the_webhook(mailed: Letters, hook: Hook) -> None:
    assert tell([FAILED]) == [FAILED]
    assert tell([FAILED]) == []
    ((to, _),) = mailed.got
    assert to == ["drift@akrim.example"]
    subject, text = read(mailed.got[0])
    assert (
        subject == "akrim: Oppgaven assess.link feilet 2026-05-20. / Task assess.link failed on 2026-05-20."
    )
    assert text.count("docs/runbook.md#failed") == 2
    assert hook.kinds == ["failed"]
    assert "Oppgaven assess.link feilet" in hook.got[0]["text"]
    tell([FAILED._replace(values=FAILED.values | {"day": "2026-05-21"}), Alert("late", {"dag": "assess", "day": "2026-05-21", "hours": "24"})])  # fmt: skip
    assert read(mailed.got[1])[0] == "akrim: 2 ting venter på deg / 2 things wait for you"


@pytest.mark.usefixtures("home")
def test_what_is_to_be_done_alike_of_several_is_told_once(mailed: Letters) -> None:
    late = [
        Alert("missing", {"agency": agency, "period": "2026-T1", "until": "2026-06-01"})
        for agency in ("nav", "brreg")
    ]
    tell([late[0], FAILED, late[1]])
    _, text = read(mailed.got[0])
    places = [text.index(said) for said in ("assess.link", "brreg", "nav")]
    assert places == sorted(places), "by kind and whom it is about, as a list is read"
    assert text.count("has not delivered for 2026-T1") == 2
    assert text.count("Call the agency.") == 1
    assert text.count("docs/runbook.md#missing") == 2, "once in each language"


def test_what_meets_a_closed_way_waits_for_it_and_goes_the_others_once(mailed: Letters, hook: Hook) -> None:
    hook.status = 500
    with pytest.raises(UserError, match="webhook") as told:
        tell([FAILED])
    assert "secret" not in str(told.value)
    assert (len(mailed.got), hook.kinds) == (1, [])
    hook.status = 200
    assert tell([]) == [FAILED]
    assert (len(mailed.got), hook.kinds) == (1, ["failed"])


@pytest.mark.parametrize(
    "told", ['"of_a_later_version", "values": {}', '"failed", "values": {"step": "link"}']
)
def test_what_another_version_told_of_waits_for_it_and_hinders_nothing(
    mailed: Letters, home: Path, told: str
) -> None:
    """A kind of its own, or one that has other values there."""
    tell([FAILED])
    kept = home / "alerts" / "of-a-later-version.json"
    content = f'{{"kind": {told}, "waits_for": ["mail"]}}'
    kept.write_text(content)
    assert tell([Alert("failed", FAILED.values | {"task": "assess.publish"})])
    assert (len(mailed.got), kept.read_text()) == (2, content)


@pytest.mark.parametrize(
    "address", ["https://chat.example:port/secret", f"https://{'a' * 64}.example/secret"]
)
def test_a_webhook_whose_name_is_none_is_told_and_hinders_no_mail(
    mailed: Letters, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    configure(monkeypatch, AKRIM_ALERT_WEBHOOK=address)
    with pytest.raises(UserError, match="webhook") as told:
        tell([FAILED])
    assert "secret" not in str(told.value)
    assert len(mailed.got) == 1


def test_nobody_to_tell_is_no_error_and_keeps_nothing(home: Path) -> None:
    assert tell([FAILED]) == []
    assert not (home / "alerts").exists()


def test_every_kind_has_its_place_in_the_runbook() -> None:
    kinds = texts("en", "messages")["alerts"]["kinds"]
    assert re.findall(r"^\((\w+)\)=\n## (\w+): ", RUNBOOK.read_text(), re.MULTILINE) == [
        (kind, kind) for kind in kinds
    ]


def stands(today: date = TODAY) -> dict[str, list[str]]:
    """What stands: each kind's first value, what it is about."""
    found: dict[str, list[str]] = {}
    for alert in current_conditions(today):
        found.setdefault(alert.kind, []).append(next(iter(alert.values.values())))
        for language in ("nb", "nn", "en"):
            assert alert.what(language)
            assert alert.advice(language)
    return found


def test_what_stands_is_what_waits_for_a_person_and_is_measured(warehouse: str) -> None:
    """A delivery for a period to come, a refused one, agencies that are late, a held release, old data, a missing receipt."""
    assert stands() == {}
    with psycopg.connect(warehouse) as connection:
        marts = Marts(connection)
        marts.pin(SECOND, saker=extract("empty", 0, 5))
        for row in (
            ("nav-2026-T1-01", "2026-T1", "accepted", None, 0),
            ("nav-2130-T1-01", "2130-T1", "accepted", None, 1),
            ("nav-2026-T1-02", "2026-T1", "refused", "rows_mismatch", 2),
            ("=cmd|nav\n2026", "2026-T1", "refused", "columns", 3),
        ):
            marts.run(DELIVERY, *row)
        marts.run("update marts.delivery_ages set is_stale = true, newest_fact_date = '2025-01-01'")
        marts.run(
            "insert into meta.sent_releases (release_id, centre_id, content_sha256, recipients_sha256, manifest_sha256, sent_at)"
            " values (%s, 'oslo', 'c', 'r', 'm', now() - interval '15 days')",
            FIRST,
        )
        marts.run(
            "insert into meta.sent_statements (centre_id, name, sha256, sent_at) values ('oslo', %s, 'x', now() - interval '15 days')",
            f"erasure-{FIRST}-oslo.statement.json",
        )
    with pytest.raises(ReleaseOnHold):
        holding.check_limits(ledger.load(SECOND))
    late = ["arbeidstilsynet", "brreg", "politiet", "skatteetaten"]
    found = stands()
    refused = found.pop("refused")
    assert refused[0] == "nav-2026-T1-02"
    assert re.fullmatch(r"_cmd_nav_2026~[0-9a-f]{8}", refused[1])
    assert found == {
        "early": ["nav-2130-T1-01"],
        "missing": late,
        "stale": ["nav"],
        "held": [SECOND],
        "outdated": [FIRST],  # it was made of deliveries that are not here
        "no_receipt": [FIRST],
        "not_deleted": [FIRST],
    }
    with psycopg.connect(warehouse) as connection:
        connection.execute("update marts.delivery_ages set is_stale = false")
    assert "stale" not in stands()
    assert "missing" not in stands(date(2026, 5, 15)), "there is time yet"
    assert stands(date(2026, 9, 20))["missing"] == ["arbeidstilsynet", "brreg", "nav", "politiet", "skatteetaten"]  # fmt: skip

    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.delivery_files select delivery_id, manifest_sha256, 'saker', 'saker.csv', 200, 190, 10, 'x'"
            " from meta.deliveries where delivery_id = 'nav-2130-T1-01'"
        )
        connection.execute(
            "insert into linkage.drift values (%(of)s, 'match_weight_since_base', 'all', null, null, 0.7, ''),"
            " (%(of)s, 'match_weight_since_base', 'nav', null, null, 0.1, ''), (%(of)s, 'another', 'all', null, null, 0.2, '')",
            {"of": FIRST},
        )
    assert {(gauge.name, gauge.value, *gauge.of.values()) for gauge in measure(date(2026, 1, 31))} == {
        ("akrim.release.age_days", 30),
        ("akrim.release.age_days", 30, "oslo"),
        ("akrim.releases.held", 1),
        ("akrim.deliveries.set_aside_share", 0.05, "nav"),
        ("akrim.links.drift", 0.7),
        ("akrim.deliveries.age_days", 395, "nav"),
    }

    assert "undecided" not in found
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set reserved_at = now() - interval '26 hours'")
        connection.execute("update meta.release_holds set held_at = now() - interval '25 hours'")
    with pytest.raises(ReleaseOnHold):
        holding.check_limits(ledger.load(SECOND))
    assert stands()["undecided"] == [SECOND], "one more run with the same inputs is no decision"
    assert "unpublished" not in stands(), "it waits for somebody"
    with psycopg.connect(warehouse) as connection:
        connection.execute("delete from meta.release_holds")  # as where it is pinned with other inputs
    assert stands()["unpublished"] == [SECOND], "as where `publish` was paused"
    with pytest.raises(ReleaseOnHold):
        holding.check_limits(ledger.load(SECOND))
    assert "undecided" not in stands(), "other inputs wait anew"

    approve(SECOND, "Kari Vakt", "Nav er varslet")
    with psycopg.connect(warehouse) as connection:
        connection.execute(DELIVERY, ["nav-2026-T1-03", "2026-T1", "accepted", None, 4])
    assert not {"held", "undecided", "refused", "unpublished"} & stands().keys()
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.release_approvals set approved_at = now() - interval '25 hours'")
    assert stands()["unpublished"] == [SECOND], "it was let go and is not out"
    holding.hold(SECOND, "Ola Vakt", "Bergen har spurt om noe")
    assert stands()["held"] == [SECOND], "held since it was let go"
    assert ("akrim.releases.held", 1) in {(gauge.name, gauge.value) for gauge in measure(date(2026, 1, 31))}


def test_an_extract_that_is_too_old_is_told_of_where_its_agency_has_newer_facts(warehouse: str) -> None:
    """Rules that need it are not checked; where all of the agency's facts are too old, that is told once."""
    with psycopg.connect(warehouse) as connection:
        marts = Marts(connection)
        marts.pin(FIRST, saker=extract("unchanged", 5, 5, as_of="2025-01-01"))
        marts.run(
            "update marts.delivery_ages set is_stale = false, stale_extracts = '{saker}', newest_fact_date = '2026-04-30'"
        )
    assert _stale() == [{"agency": "nav.saker", "as_of": "2025-01-01"}]
    with psycopg.connect(warehouse) as connection:
        connection.execute("update marts.delivery_ages set is_stale = true")
    assert _stale() == [{"agency": "nav", "as_of": "2026-04-30"}]


def _stale() -> list[dict[str, str]]:
    return [alert.values for alert in current_conditions(TODAY) if alert.kind == "stale"]


def refusals() -> list[Alert]:
    return [alert for alert in current_conditions(TODAY) if alert.kind == "refused"]


def test_a_refused_delivery_is_settled_by_what_its_own_agency_delivered_later(warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        for number, status, minute in ((1, "accepted", 0), (2, "refused", 1), (3, "accepted", 2)):
            reason = "columns" if status == "refused" else None
            connection.execute(
                DELIVERY.encode(), [f"nav-2026-T1-0{number}", "2026-T1", status, reason, minute]
            )
        connection.execute("update meta.deliveries set agency = 'politiet' where delivery_id like '%03'")
        (first,) = refusals()
        assert first.values["delivery_id"] == "nav-2026-T1-02"
        assert refusals() == [first]
        connection.execute(
            "update meta.deliveries set manifest_sha256 = repeat('2', 64) where status = 'refused'"
        )
        assert refusals()[0].key != first.key, "another one under the same id, refused for the same reason"
        connection.execute("update meta.deliveries set agency = 'nav'")
        assert refusals() == []


def test_a_refused_form_is_settled_by_no_other_centres(warehouse: str) -> None:
    """They come under one agency's name; the alert names the centre, whom to call."""
    with psycopg.connect(warehouse, autocommit=True) as connection:
        for minute, (name, centre_id, status) in enumerate(
            [("a.xlsx", "trondheim", "refused"), ("b.xlsx", "oslo", "accepted"), ("c.xlsx", "trondheim", "accepted")]
        ):  # fmt: skip
            if minute == 2:
                (refused,) = refusals()
                assert (refused.values["delivery_id"], refused.values["agency"]) == ("a.xlsx", "trondheim")
                assert "the agency’s" not in refused.advice("en"), "a form has no receipt of an agency's"
            reason = "unreadable_file" if status == "refused" else None
            connection.execute(DELIVERY.encode(), [name, "2026-T1", status, reason, minute])
            connection.execute(
                "update meta.deliveries set agency = 'sentrene', form = jsonb_build_object('centre_id', %s::text)"
                " where delivery_id = %s",
                [centre_id, name],
            )
        assert refusals() == []


def test_a_refused_form_of_nobody_knows_whom_is_told_of_until_it_is_taken_away_or_replaced(
    warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose it is nothing says, so that its centre is answered nothing, and another centre's form settles nothing of it."""
    form = tmp_path / "inbox" / "sentrene" / "svar.xlsx"
    form.parent.mkdir(parents=True)
    form.write_text("no workbook")
    configure(monkeypatch, AKRIM_INBOX=str(tmp_path / "inbox"))
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERY.encode(), ["svar.xlsx", "", "refused", "unreadable_file", 0])
        connection.execute(DELIVERY.encode(), ["of-oslo", "2026-T1", "accepted", None, 1])
        connection.execute(
            "update meta.deliveries set agency = 'sentrene', folder = 'sentrene/' || delivery_id,"
            " form = case when status = 'accepted' then jsonb_build_object('centre_id', 'oslo') end"
        )
        assert [alert.values["delivery_id"] for alert in refusals()] == ["svar.xlsx"]
        form.unlink()
        assert refusals() == []
        form.write_text("another")
        assert refusals() != []
        connection.execute(
            "update meta.deliveries set folder = 'sentrene/svar.xlsx' where status = 'accepted'"
        )
        assert refusals() == [], "saved as it is to be, under the same name"


def test_what_came_for_a_period_to_come_and_was_withdrawn_waits_for_nobody(warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERY.encode(), ["nav-2026-T2-01", "2026-T2", "accepted", None, 0])
        assert stands(date(2026, 8, 31))["early"] == ["nav-2026-T2-01"], "the period ends with that day"
        assert "early" not in stands(date(2026, 9, 1))
        connection.execute(
            "insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values ('nav-2026-T2-01', 'kari', 'wrong')"
        )
        assert "early" not in stands(date(2026, 8, 31))


LONG_AGO = datetime.now(UTC) - timedelta(days=2)
WITHDRAW = b"insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values (%s, 'kari', 'wrong')"


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
        known = ledger.history("2026-T1.1")
        assert known and known["is_overtaken"], "by which its page and `releases show` advise"


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


def runs_of(*dags: str) -> Any:
    """A task instance that finds runs of these under way."""
    return SimpleNamespace(get_dr_count=lambda dag_id, states: int(dag_id in dags and "running" in states))


@pytest.mark.usefixtures("airflow")
def test_the_steps_tell_a_failure_and_a_passed_deadline(warehouse: str, hook: Hook) -> None:
    from airflow.sdk.exceptions import AirflowSkipException
    from akrim.orchestration import faults, steps

    faults.tell_of_failure({"ti": SimpleNamespace(dag_id="assess", task_id="link")})
    for state in ("failed", "success", "running"):
        run = {"dag_id": "publish", "state": state, "run_after": "2026-05-20T08:00:00Z"}
        faults.tell_of_delay({"dag_run": run})
        assert len(hook.got) == (2 if state == "running" else 1), "what has ended is not late"
    assert [told["alerts"][0].get("task") or told["alerts"][0]["dag"] for told in hook.got] == ["assess.link", "publish"]  # fmt: skip
    with psycopg.connect(warehouse) as connection:
        connection.execute(DELIVERY, ["nav-2130-T1-01", "2130-T1", "accepted", None, 1])
        enter_release(connection, "2026-T1.1", "building", is_explained=True, reserved_at=LONG_AGO)
        enter_run(connection, "2026-T1.1")
    for dag_id in ("assess", "publish"):
        assert "unpublished" not in steps.alert(runs_of(dag_id)), "it may be on its way"
    assert steps.alert(runs_of("receive_nav")) == ["unpublished"]
    assert steps.alert(runs_of()) == []
    with psycopg.connect(warehouse) as connection:
        connection.execute("delete from meta.releases")
        enter_release(connection, "2025-T3.1", pins=pins("2025-T3"))  # of deliveries that are not here
    assert steps.alert(runs_of("publish")) == [], "what takes its place may have been let go just now"
    assert steps.alert(runs_of()) == ["outdated"]
    get_settings().alert_webhook = type(get_settings().alert_webhook)("")
    with pytest.raises(AirflowSkipException, match="Nobody is told"):
        steps.alert(runs_of())


@pytest.mark.usefixtures("airflow")
def test_what_was_mended_is_told_no_more_and_anew_where_it_comes_back(warehouse: str, hook: Hook) -> None:
    """As a release that is held again, a folder that is shut again, one that was sent again and is not confirmed either."""
    from akrim.orchestration import faults, steps

    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERY.encode(), ["nav-2130-T1-01", "2130-T1", "accepted", None, 1])
        withdraw = "insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values ('nav-2130-T1-01', 'kari', 'wrong')"
        assert steps.alert(runs_of()) == ["early"]
        connection.execute(withdraw)
        assert steps.alert(runs_of()) == []
        connection.execute("delete from meta.delivery_withdrawals")
        assert steps.alert(runs_of()) == ["early"]
        assert steps.alert(runs_of()) == []

        enter_release(connection, "2026-T1.1", "building", is_explained=True, reserved_at=LONG_AGO)
        hook.status = 500
        with pytest.raises(UserError, match="could not be sent"):
            steps.alert(runs_of())
        with pytest.raises(UserError, match="could not be sent"):
            faults.tell_of_failure({"ti": SimpleNamespace(dag_id="assess", task_id="link")})
        connection.execute("delete from meta.releases")
        connection.execute(withdraw)
        hook.status = 200
        assert steps.alert(runs_of()) == ["failed"], (
            "the release that was stuck is mended, before anybody was told"
        )


def pins(period: str) -> dict[str, Any]:
    return {"deliveries": {"nav": [{"delivery_id": f"nav-{period}-01"}]}}


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


def test_whoever_never_came_is_told_of_in_the_past_tense(warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERY.encode(), ["nav-2026-T1-01", "2026-T1", "accepted", None, 0])
    assert "brreg" in stands(date(2026, 5, 30))["missing"]
    assert "missing" not in stands(date(2026, 5, 31))
    assert "brreg" in stands(date(2026, 5, 31))["never_came"]
