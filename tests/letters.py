"""A real mail server on this machine, as a plugin of the suite."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from akrim.settings import get_settings


class Letters:
    """The mails that a server received."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], str]] = []

    async def handle_DATA(self, *about: Any) -> str:  # noqa: N802  # the mail server calls it by this name
        envelope = about[2]
        self.got.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Letters]:
    """A mail server that the settings name."""
    letters = Letters()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(letters, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setenv("AKRIM_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("AKRIM_SMTP_PORT", str(port))
    monkeypatch.setenv("AKRIM_SMTP_STARTTLS", "false")
    monkeypatch.setenv("AKRIM_NOTIFY", json.dumps({"oslo": ["leder@oslo.example", "vakt@oslo.example"]}))
    get_settings.cache_clear()
    yield letters
    server.stop()
