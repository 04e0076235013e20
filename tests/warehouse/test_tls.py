"""The TLS options of the database's address hold for every driver: the pipeline's own, and dbt's.

The embedded server is built without TLS, so that what speaks it here stands before that server: PostgreSQL's request for
encryption, a handshake that asks for a certificate, and the bytes passed on.
"""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from akrim import warehouse as warehouse_module
from akrim.errors import UserError
from akrim.settings import PROJECT_ROOT

from tests.certificates import Authority, authority
from tests.conftest import configure

ENCRYPT = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")


class Before:
    """What speaks TLS before the server, with the names in the certificates that clients showed."""

    def __init__(self, context: ssl.SSLContext, server: str) -> None:
        self.clients: list[str] = []
        self._context, self._server = context, server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._answer, args=[client], daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            if client.recv(8) != ENCRYPT:
                return  # nothing is taken unencrypted
            client.sendall(b"S")
            with (
                self._context.wrap_socket(client, server_side=True) as secure,
                socket.socket(socket.AF_UNIX) as server,
            ):
                shown = secure.getpeercert() or {}
                self.clients += [value for part in shown["subject"] for _, value in part]
                server.connect(self._server)
                threading.Thread(target=_pass_on, args=[server, secure], daemon=True).start()
                _pass_on(secure, server)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while said := source.recv(65536):
            target.sendall(said)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return authority(tmp_path, "root")


@pytest.fixture
def before(warehouse: str, root: Authority) -> Iterator[Before]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*root.sign("localhost"))
    context.load_verify_locations(root.path)
    context.verify_mode = ssl.CERT_REQUIRED
    folder = urlsplit(warehouse).query.partition("host=")[2]
    before = Before(context, f"{folder}/.s.PGSQL.5432")
    yield before
    before.close()


def address(before: Before, warehouse: str, **options: str) -> str:
    given = {"sslmode": "verify-full"} | options
    told = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
    return f"postgresql://akrim@localhost:{before.port}{urlsplit(warehouse).path}?{told}"


def reach(given: str, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, bool]:
    """Whether the pipeline's own driver comes to the database by that address, and whether dbt does."""
    configure(monkeypatch, AKRIM_DATABASE_URL=given)
    try:
        with warehouse_module.connect() as connection:
            own = connection.execute("select 1").fetchone() == (1,)
    except UserError:
        own = False
    project = str(PROJECT_ROOT / "dbt_project")
    command = "from dbt.cli.main import cli; cli()"
    ran = subprocess.run(
        [sys.executable, "-c", command, "debug", "--connection", "--project-dir", project, "--profiles-dir", project],
        env={**os.environ, **warehouse_module.dbt_environment(), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return own, "Connection test: [OK connection ok]" in ran.stdout


def test_every_driver_shows_its_certificate_to_the_server_that_the_root_knows(
    before: Before, warehouse: str, root: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = root.sign("akrim")
    ours = {"sslcert": certificate, "sslkey": key}
    assert reach(address(before, warehouse, sslrootcert=str(root.path), **ours), monkeypatch) == (True, True)
    assert set(before.clients) == {"akrim"}
    assert len(before.clients) >= 2
    stranger = authority(root.path.parent, "stranger")
    assert reach(address(before, warehouse, sslrootcert=str(stranger.path), **ours), monkeypatch) == (
        False,
        False,
    )
    before.clients.clear()
    assert reach(address(before, warehouse, sslrootcert=str(root.path)), monkeypatch) == (False, False)
    assert before.clients == []
