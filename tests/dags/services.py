"""Airflow's services as docker-compose.yml has them, with its commands and its environment, started as plain processes.

Only the names of its machines are put in place by this one's. The database is a PostgreSQL that they do not start.
"""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import psycopg
from akrim.settings import PROJECT_ROOT

from tests.dags.test_compose import SERVICES
from tests.installation import AKRIM, inherited

MODULE = [sys.executable, "-m", "akrim.orchestration.airflow.airflow_cli"]
DEFAULT_OF_VARIABLE = re.compile(r"\$\{\w+:-([^}]*)\}")
COMMAND = "command"
STAYING = ("api-server", "scheduler", "dag-processor", "triggerer")


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_healthy(port: int) -> bool:
    """Whether each part of the Airflow there says that it is well."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=5) as answer:
            told = json.load(answer)
    except (OSError, ValueError):
        return False
    return all(part["status"] == "healthy" for part in told.values() if part["status"] is not None)


def synthesize(folder: Path, period: str) -> None:
    """What the agencies of a synthetic Norway of 1,000 persons deliver for the period."""
    about = ["--period", period, "--persons", "1000", "--seed", "1"]
    subprocess.run([*AKRIM, "synth", "--out", str(folder), *about], check=True, capture_output=True)


class Airflow:
    """The services of one installation.

    Args:
        home: its home folder; logs of the services lie beside it.
        database: the address of the database with this name, `akrim` or `airflow`.
        more: variables beside those of the compose file.
    """

    def __init__(self, home: Path, database: Callable[[str], str], more: Mapping[str, str]) -> None:
        self.home = home
        self.database = database
        self.more = more
        self.port = free_port()

    def environment(self, service: str) -> dict[str, str]:
        """What the compose file gives the service, on this machine."""
        written = {
            name: DEFAULT_OF_VARIABLE.sub(r"\1", value)
            for name, value in SERVICES[service]["environment"].items()
            if value is not None
        }
        moved = {
            name: value.replace("api-server:8080", f"127.0.0.1:{self.port}")
            for name, value in written.items()
        }
        return {
            **inherited(),
            **moved,
            "AKRIM_HOME": str(self.home),
            "AKRIM_INBOX": str(self.home.parent / "inbox"),
            "AKRIM_DATA_MODE": "synthetic",
            "AKRIM_RETENTION": str(PROJECT_ROOT / "include" / "akrim" / "retention" / "limits.yml"),
            "AKRIM_SCAN_MINUTES": "1",
            "AKRIM_DATABASE_URL": self.database("akrim"),
            "AKRIM_AIRFLOW_DATABASE_URL": self.database("airflow"),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            **self.more,
        }

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a service with a log of that name beside the home, or one of Airflow's commands with what it says as a text."""
        suffix = "txt" if name == COMMAND else "log"
        with (self.home.parent / f"{name}.{suffix}").open("wb") as log:
            return subprocess.Popen(
                [*MODULE, *(arguments or SERVICES[name]["command"])],
                env=self.environment("init" if arguments else name),
                cwd=self.home.parent,
                stdout=log,
                stderr=log,
            )

    def elsewhere(self, home: Path, more: Mapping[str, str]) -> "Airflow":
        """The same installation, as a machine has it that shares no home folder with the others."""
        other = Airflow(home, self.database, {**self.more, **more})
        other.port = self.port
        return other

    def do(self, *arguments: str) -> None:
        """Give one of Airflow's commands and wait for its end."""
        assert self.start(COMMAND, *arguments).wait(timeout=180) == 0

    def akrim(self, *arguments: str) -> str:
        """Give a command of akrim's where the services run; returns what it says."""
        done = subprocess.run(
            [*AKRIM, *arguments], env=self.environment("init"), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self, **workers: tuple[str, ...]) -> Iterator[None]:
        """Run the services until the block ends.

        Args:
            workers: further services, each with its command.
        """
        assert self.start("init").wait(timeout=180) == 0
        processes = [self.start(name) for name in STAYING]
        processes += [self.start(name, *command) for name, command in workers.items()]
        with ending(*processes):
            wait_for(self.is_healthy, 300, "Airflow")
            yield

    def is_healthy(self) -> bool:
        return is_healthy(self.port)

    def ended(self, dag_id: str, kind: str = "") -> list[tuple[str | None, str]]:
        """The partitions and end states of the DAG's runs, or of those of one kind."""
        query = (
            "select partition_key, state from dag_run where dag_id = %s and run_id like %s"
            " and state in ('success', 'failed') order by 1"
        )
        with psycopg.connect(self.database("airflow")) as connection:
            return connection.execute(query, [dag_id, f"{kind}%"]).fetchall()


@contextmanager
def ending(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the processes with the block, the last first."""
    try:
        yield
    finally:
        for process in reversed(processes):
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=60)
            process.kill()
            process.wait()


def drop(deliveries: Path, inbox: Path) -> None:
    """Put deliveries into the inbox as an agency does: the manifest last."""
    for source in deliveries.glob("*/*"):
        target = inbox / source.parent.name / source.name
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("manifest.json"))
        shutil.copy2(source / "manifest.json", target)
