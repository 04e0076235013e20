"""Whoever runs the pipeline is told what waits for them, once each, by real mail and to a real webhook."""

import email
import re
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from akrim.errors import UserError
from akrim.orchestration.alerts import Alert, tell
from akrim.settings import get_settings
from akrim.texts import texts

from tests.conftest import configure
from tests.ledger.entering import enter_release, enter_run
from tests.letters import Hook, Letters
from tests.orchestration.alerts.standing import DELIVERY, LONG_AGO, pins

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"
FAILED = Alert("failed", {"task": "assess.link", "day": "2026-05-20"})


@pytest.fixture
def mailed(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> Letters:
    configure(monkeypatch, AKRIM_ALERT_MAIL='["drift@akrim.example"]')
    return letters


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
