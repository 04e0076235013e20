"""Airflow's four services as child processes: what `akrim up` starts and stops.

Each has its own log in Airflow's folder. Tasks report to the API server, and fail where it does not answer: it is started first and
stopped last. A process that does not end in time is killed, and so is whatever one that ended has left behind.
"""

import fcntl
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPException
from importlib.metadata import version
from pathlib import Path

from akrim import warehouse
from akrim.errors import UserError
from akrim.orchestration.airflow import configuration
from akrim.orchestration.pools import POOLS
from akrim.settings import get_settings

# What the API server must answer.
FURTHER = {
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
HEALTH_NAMES = ("metadatabase", "scheduler", "dag_processor", "triggerer")
SECONDS_TO_STOP = 60


class Services:
    """A context manager that starts the services and stops them again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**os.environ, "AIRFLOW__API__PORT": str(port)}
        self.logs = configuration.home() / "logs"
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._files = ExitStack()

    def __enter__(self) -> "Services":
        os.umask(0o077)
        self._require_alone()
        self._require_free_port()
        self._require_database()
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self._migrate()
        self._children["api-server"] = self._start("api-server", ("api-server",))
        return self

    def __exit__(self, *_: object) -> None:
        server = self._children.pop("api-server", None)
        _stop(list(self._children.values()))
        _stop([server] if server else [])
        self._files.close()

    def health(self) -> dict[str, str]:
        """Each part's status from the API server; empty while it does not answer."""
        try:
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as server:
                server.request("GET", "/api/v2/monitor/health")
                statuses = json.load(server.getresponse())
            return {name: str(statuses[name]["status"]) for name in HEALTH_NAMES}
        except (OSError, HTTPException, ValueError, LookupError, TypeError):
            return {}

    def start_the_others(self) -> None:
        """Start what needs the API server, and wait until every part is healthy; raises UserError if one ends, or after two minutes."""
        self._wait_for(bool)
        for name, arguments in FURTHER.items():
            self._children[name] = self._start(name, arguments)
        self._wait_for(lambda health: set(health.values()) == {"healthy"})

    def _wait_for(self, is_so: Callable[[dict[str, str]], bool]) -> None:
        deadline = time.monotonic() + 120
        while not is_so(self.health()):
            self.check()
            if time.monotonic() > deadline:
                raise UserError(
                    "Airflow did not come up in time.", str(self.logs), "Look into the logs there."
                )
            time.sleep(1)

    def check(self) -> None:
        """Raise UserError if a service has ended by itself, or because the database has, which is told then."""
        for name, child in self._children.items():
            if child.poll() is not None:
                self._require_database()
                log = self.logs / f"{name}.log"
                raise UserError(
                    f"Airflow's {name} has ended (code {child.returncode}).", str(log), "Look there."
                )

    def _start(self, name: str, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
        log = self._files.enter_context((self.logs / f"{name}.log").open("ab"))
        return subprocess.Popen(  # noqa: S603  # this very program, no shell
            [
                sys.executable,
                "-m",
                "akrim.orchestration.airflow.airflow_cli",
                configuration.END_WITH_PARENT,
                *arguments,
            ],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def _require_alone(self) -> None:
        """Two schedulers of one home would run on one metadata database and write the same logs."""
        lock = self._files.enter_context((configuration.home() / "services.lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                "Airflow runs on this home already.",
                str(configuration.home()),
                "Use that one, or end it first; another installation has another AKRIM_HOME.",
            ) from None

    def _require_free_port(self) -> None:
        """Another Airflow there would be taken for this one."""
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise UserError(
                    f"Airflow's pages cannot be served there: {error.strerror}.",
                    f"127.0.0.1:{self.port}",
                    "End what is there, or name another port: akrim up --port 8081",
                ) from None

    def _require_database(self) -> None:
        """What keeps Airflow out of its database would else be found at the end of a log of its own."""
        with warehouse.connect(get_settings().airflow_database_url or None):  # or on the embedded server
            pass

    def _migrate(self) -> None:
        """Migrate the metadata database to this version of Airflow and make our pools, once per address, version and pools."""
        made = (version("apache-airflow-core"), configuration.metadata_url(), *POOLS)
        state = hashlib.sha256(" ".join(made).encode()).hexdigest()
        marker = configuration.home() / "migrated"
        if marker.exists() and marker.read_text() == state:
            return
        migration = self._start("migration", ("db", "migrate"))
        if migration.wait() != 0:
            raise UserError(
                "Airflow's database cannot be set up.", str(self.logs / "migration.log"), "Look there."
            )
        marker.write_text(state)


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        _kill_session(child.pid)


def _kill_session(leader: int) -> None:
    """Kill what a service has left: the workers of a scheduler that was killed wait for ever, and a task goes on without its worker.

    Each task has a group of its own, but the session of the scheduler. Where the system has no /proc, they are left.
    """
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if os.getsid(int(process.name)) == leader:
                os.kill(int(process.name), signal.SIGKILL)
