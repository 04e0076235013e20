"""Airflow as it runs for real: from files dropped into the inbox to a release on disk, without a hand on it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from akrim.contracts import recipients
from akrim.warehouse import embedded

from tests.dags.services import STAYING, Airflow, drop, synthesize, wait_for
from tests.letters import Hook

pytestmark = [pytest.mark.slow, pytest.mark.installation, pytest.mark.timeout(1500)]

# Of another period than the release that is out: one that an empty extract holds, and one whose changes nobody explained, which fails.
OTHERS = """
insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, base_release_id, pins, is_explained)
select '2025-T3.' || number, '2025-T3', number, as_of, 'building', 'f', release_id, case number when 2
    then jsonb_set(pins, '{extracts,nav,saker}', pins #> '{extracts,nav,saker}' || '{"state": "empty", "rows": 0, "rows_usual": 9}')
    else pins end, number = 2
from meta.releases cross join (values (2), (3)) as other (number) where release_id = '2026-T1.1';
insert into linkage.runs (release_id, model, counts) values ('2025-T3.2', 'm', '{}')
"""


def test_from_files_dropped_to_a_release_without_a_hand_on_it(
    compose_database: Callable[[str], str], tmp_path: Path, hook: Hook
) -> None:
    """Then a backfill of the period before it, for which nothing came; a release that is held; one that fails; and what is told of all this."""
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    home.mkdir(mode=0o700)
    inbox.mkdir()
    synthesize(tmp_path / "delivered", "2026-T1")
    more = {
        "AKRIM_ALERT_WEBHOOK": hook.address,
        "AKRIM_DEADLINE_HOURS": "0.004",  # which an assessment never keeps
    }
    airflow = Airflow(home, compose_database, more)
    with airflow.running():
        drop(tmp_path / "delivered", inbox)
        wait_for(lambda: airflow.ended("deliver") != [], 900, "the release")
        assert [path.name for path in (home / "releases").glob("20*")] == ["2026-T1.1"]
        backfill = ("--from-date", "2025-09-01", "--to-date", "2025-09-02")
        airflow.do("backfill", "create", "--dag-id", "end_period", *backfill)
        wait_for(lambda: ("2025-T3", "success") in airflow.ended("assess"), 300, "the period before")
        with psycopg.connect(compose_database("akrim")) as connection:
            connection.execute(OTHERS)
            users = connection.execute(
                "select distinct usename from pg_stat_activity where datname like 'compose%' and usename is not null"
            )
            assert users.fetchall() == [(embedded.PIPELINE,)], "neither needs the server's superuser"
        for name in ("2025-T3.2", "2025-T3.3"):
            airflow.do("dags", "trigger", "publish", "--conf", json.dumps({"release_id": name}))
        wait_for(lambda: len(airflow.ended("publish", "manual")) == 2, 300, "the end of both")
        wait_for(lambda: {"late", "failed", "held"} <= set(hook.kinds), 120, "late, failed and held")
    release = home / "releases" / "2026-T1.1"
    assert {folder.name for folder in release.iterdir() if folder.is_dir()} == set(recipients())
    for agency in (tmp_path / "delivered").iterdir():
        assert {state for _, state in airflow.ended(f"receive_{agency.name}")} == {"success"}
    assert ("2026-T1.1", "success") in airflow.ended("publish", "asset")
    assert ("2026-T1", "success") in airflow.ended("assess")
    with psycopg.connect(compose_database("akrim")) as connection:
        known = dict(connection.execute("select release_id, status from meta.releases").fetchall())
        asked = connection.execute("select count(*) from meta.release_requests").fetchone()
    assert asked == (0,), "nobody asked"
    of = ("2026-T1.1", "2025-T3.2", "2025-T3.3")
    assert [known[release_id] for release_id in of] == ["published", "building", "failed"]
    with psycopg.connect(compose_database("airflow")) as connection:
        tasks = connection.execute(
            "select state, try_number from task_instance where dag_id = 'publish' and task_id = 'publish'"
            " and run_id like 'manual%' order by state"
        ).fetchall()
    assert tasks == [("failed", 1), ("skipped", 1)], "a person must put it right: not tried again"
    told = [alert.get("task") or alert["kind"] for sent in hook.got for alert in sent["alerts"]]
    assert (told.count("held"), told.count("publish.publish")) == (1, 1)
    logs = {
        str(path.relative_to(tmp_path)): path.read_text("utf-8")
        for folder in (tmp_path.glob("*.log"), (home / "airflow" / "logs").rglob("*.log"))
        for path in folder
    }
    assert logs.keys() >= {"init.log", *(f"{service}.log" for service in STAYING)}
    assert len(logs) > 30, "those of the tasks are among them"
    assert not {name: lines for name, log in logs.items() if (lines := not_json(log))}
    texts = (path.read_text("utf-8", "replace") for path in (tmp_path / "delivered").rglob("*.csv"))
    delivered = of_persons("".join(texts))
    assert len(delivered) > 100
    assert not {name for name, log in logs.items() if any(value in log for value in delivered)}


def not_json(log: str) -> list[str]:
    """The lines that are no object of JSON, as whatever collects logs reads them."""
    return [line for line in log.splitlines() if not is_object(line)]


def is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def of_persons(text: str) -> set[str]:
    """Person numbers, and the street addresses of delivered rows: neither can be a word of ours."""
    return {
        *re.findall(r"(?<!\d)\d{11}(?!\d)", text),
        *re.findall(r"(?<=[;,])[^\W\d_]+ \d+[A-Z]?(?=[;,])", text),
    }
