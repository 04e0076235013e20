"""Airflow as it runs for real: from files dropped into the inbox to a release on disk, without a hand on it.

The services are those of docker-compose.yml, with its commands and its environment, started as plain processes;
only the names of its machines are put in place by this one's. The database is a PostgreSQL that they do not start.
"""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest
from akrim.contracts import recipients
from akrim.settings import PROJECT_ROOT
from akrim.warehouse import embedded

from tests.conftest import create_database, drop_database
from tests.dags.test_compose import SERVICES
from tests.installation import AKRIM, inherited
from tests.letters import Hook

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

MODULE = [sys.executable, "-m", "akrim.orchestration.airflow.airflow_cli"]
DEFAULT_OF_VARIABLE = re.compile(r"\$\{\w+:-([^}]*)\}")


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("norway") / "inbox"
    command = [
        *AKRIM,
        "synth",
        "--out",
        str(folder),
        "--period",
        "2026-T1",
        "--persons",
        "2000",
        "--seed",
        "1",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def database(server: str) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL with the two databases that the compose file's own has."""
    names = ("compose_akrim", "compose_airflow")
    for name in names:
        create_database(server, name)
    yield lambda name: server.format(f"compose_{name}")
    for name in names:
        drop_database(server, name)


def environment_of(
    service: str, port: int, home: Path, database: Callable[[str], str], webhook: str
) -> dict[str, str]:
    """What the compose file gives the service, on this machine."""
    written = {
        name: DEFAULT_OF_VARIABLE.sub(r"\1", value)
        for name, value in SERVICES[service]["environment"].items()
    }
    moved = {name: value.replace("api-server:8080", f"127.0.0.1:{port}") for name, value in written.items()}
    return {
        **inherited(),
        **moved,
        "AKRIM_HOME": str(home),
        "AKRIM_INBOX": str(home.parent / "inbox"),
        "AKRIM_DATA_MODE": "synthetic",
        "AKRIM_RETENTION": str(PROJECT_ROOT / "include" / "akrim" / "retention" / "limits.yml"),
        "AKRIM_SCAN_MINUTES": "1",
        "AKRIM_ALERT_WEBHOOK": webhook,
        "AKRIM_DEADLINE_HOURS": "0.004",  # which an assessment never keeps
        "AKRIM_DATABASE_URL": database("akrim"),
        "AKRIM_AIRFLOW_DATABASE_URL": database("airflow"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
    }


@contextmanager
def running(
    home: Path, port: int, database: Callable[[str], str], webhook: str
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """The compose file's services as processes, each with a log beside the home; yields what starts Airflow's command."""

    def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (home.parent / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [*MODULE, *(arguments or SERVICES[name]["command"])],
                env=environment_of("init" if arguments else name, port, home, database, webhook),
                cwd=home.parent,
                stdout=log,
                stderr=log,
            )

    assert start("init").wait(timeout=120) == 0
    staying = ["api-server", "scheduler", "dag-processor", "triggerer"]
    processes = [start(name) for name in staying]
    try:
        yield start
    finally:
        for process in reversed(processes):
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=60)
            process.kill()
            process.wait()


def is_healthy(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=5) as answer:
            told = json.load(answer)
    except (OSError, ValueError):
        return False
    return all(part["status"] == "healthy" for part in told.values() if part["status"] is not None)


def drop(deliveries: Path, inbox: Path) -> None:
    """Put deliveries into the inbox as an agency does: the manifest last."""
    for source in deliveries.glob("*/*"):
        target = inbox / source.parent.name / source.name
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("manifest.json"))
        shutil.copy2(source / "manifest.json", target)


# Of another period than the release that is out: one that an empty extract holds, and one whose changes nobody explained, which fails.
OTHERS = """
insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, base_release_id, pins, is_explained)
select '2025-T3.' || number, '2025-T3', number, as_of, 'building', 'f', release_id, case number when 2
    then jsonb_set(pins, '{extracts,nav,saker}', pins #> '{extracts,nav,saker}' || '{"state": "empty", "rows": 0, "rows_usual": 9}')
    else pins end, number = 2
from meta.releases cross join (values (2), (3)) as other (number) where release_id = '2026-T1.1'
"""


def test_from_files_dropped_to_a_release_without_a_hand_on_it(
    deliveries: Path, database: Callable[[str], str], tmp_path: Path, hook: Hook
) -> None:
    """Then a release that is held and one that fails, and what is told of all this."""
    home, inbox, port = tmp_path / "home", tmp_path / "inbox", free_port()
    home.mkdir(mode=0o700)
    inbox.mkdir()
    release = home / "releases" / "2026-T1.1"
    airflow = database("airflow")
    with running(home, port, database, hook.address) as start:
        wait_for(lambda: is_healthy(port), 300, "Airflow")
        drop(deliveries, inbox)
        wait_for(release.is_dir, 600, "the release")
        wait_for(lambda: set(states(airflow, "publish")) == {"success"}, 60, "the end of publish")
        with psycopg.connect(database("akrim")) as connection:
            connection.execute(OTHERS)
            users = connection.execute(
                "select distinct usename from pg_stat_activity where datname like 'compose%' and usename is not null"
            )
            assert users.fetchall() == [(embedded.PIPELINE,)], "neither needs the server's superuser"
        for name in ("2025-T3.2", "2025-T3.3"):
            asked = start("trigger", "dags", "trigger", "publish", "--conf", json.dumps({"release_id": name}))
            assert asked.wait(timeout=120) == 0
        wait_for(lambda: len(states(airflow, "publish", "manual")) == 2, 300, "the end of both")
        wait_for(lambda: {"late", "failed", "held"} <= set(hook.kinds), 120, "the alerts")
    assert {folder.name for folder in release.iterdir() if folder.is_dir()} == set(recipients())
    assert all(
        set(states(airflow, f"receive_{agency.name}")) == {"success"} for agency in deliveries.iterdir()
    )
    with psycopg.connect(database("akrim")) as connection:
        known = dict(connection.execute("select release_id, status from meta.releases").fetchall())
        assert connection.execute("select count(*) from meta.release_requests").fetchone() == (0,), (
            "nobody asked"
        )
    of = ("2026-T1.1", "2025-T3.2", "2025-T3.3")
    assert [known[release_id] for release_id in of] == ["published", "building", "failed"]
    with psycopg.connect(airflow) as connection:
        tasks = connection.execute(
            "select state, try_number from task_instance where dag_id = 'publish' and run_id like 'manual%' order by state"
        ).fetchall()
    assert tasks == [("failed", 1), ("skipped", 1)], "a person must put it right: not tried again"
    told = [alert.get("task") or alert["kind"] for sent in hook.got for alert in sent["alerts"]]
    assert (told.count("held"), told.count("publish.publish")) == (1, 1)


def states(address: str, dag_id: str, kind: str = "") -> list[str]:
    """The end states of the DAG's runs, or of those of one kind."""
    query = (
        "select state from dag_run where dag_id = %s and run_id like %s and state in ('success', 'failed')"
    )
    with psycopg.connect(address) as connection:
        return [row[0] for row in connection.execute(query, [dag_id, f"{kind}%"])]
