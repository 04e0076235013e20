"""A real mail server and a real webhook on this machine, as a plugin of the suite."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.conftest import configure


class Letters:
    """The mails that a server received."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], str]] = []

    async def handle_DATA(self, *about: Any) -> str:  # noqa: N802  # the mail server calls it by this name
        envelope = about[2]
        self.got.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@contextmanager
def mail_server(monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext | None = None) -> Iterator[Letters]:
    """A mail server on this machine that the settings name; with a context it takes nothing unencrypted."""
    letters = Letters()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(letters, "localhost", port, tls_context=tls, require_starttls=tls is not None)
    server.start()
    configure(
        monkeypatch,
        AKRIM_SMTP_HOST="localhost",
        AKRIM_SMTP_PORT=str(port),
        AKRIM_SMTP_STARTTLS=str(tls is not None).lower(),
        AKRIM_NOTIFY=json.dumps({"oslo": ["leder@oslo.example", "vakt@oslo.example"]}),
    )
    try:
        yield letters
    finally:
        server.stop()


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Letters]:
    """A mail server that the settings name."""
    with mail_server(monkeypatch) as letters:
        yield letters


class Hook:
    """A webhook that takes what it is posted, unless it is closed."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        self.address = ""

    @property
    def kinds(self) -> list[str]:
        return [alert["kind"] for told in self.got for alert in told["alerts"]]


@pytest.fixture
def hook(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A webhook on this machine, which the settings name."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = hook.status
            if status == 200:  # before the answer, after which the test looks
                hook.got.append(json.loads(body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Not among the tests' output."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook.address = f"http://127.0.0.1:{server.server_port}/secret"
    configure(monkeypatch, AKRIM_ALERT_WEBHOOK=hook.address)
    yield hook
    server.shutdown()
    server.server_close()
