"""`akrim up` and a real browser: what a visitor without a password gets, how wrong logins slow down, that the pages work."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from akrim.browser.safeguards.throttle import FREE_OF_ADDRESS, FREE_OF_NAME
from playwright.sync_api import Browser

from tests.dags.services import free_port, is_healthy, wait_for
from tests.installation import AKRIM, inherited

pytestmark = [pytest.mark.slow, pytest.mark.installation, pytest.mark.timeout(900)]

DOCUMENTATION = ("docs", "redoc", "openapi.json", "docs/", "docs/oauth2-redirect")
PAGES = ("", "auth/login", "auth/token", "static/pin_32.png", "api/v2/dags", "execution/health", "docs", "nowhere/at/all")  # fmt: skip


@dataclass(frozen=True)
class Up:
    """A running `akrim up`."""

    port: int
    home: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def password(self) -> str:
        return str(json.loads((self.home / "airflow" / "passwords.json").read_text())["admin"])

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        kind: str = "application/json",
        source: str = "127.0.0.1",
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers in lower case, and what was said; JSON as what it stands for.

        Args:
            source: the address asked from; each test of logins has one of its own, since they are counted by it.
        """
        with closing(
            HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(source, 0))
        ) as server:
            server.request(method, path, body, {"content-type": kind})
            answer = server.getresponse()
            said = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, json.loads(said) if "json" in headers.get("content-type", "") else said

    def log_in(
        self, name: str, password: str, path: str = "/auth/token", *, source: str
    ) -> tuple[int, dict[str, str], Any]:
        body = json.dumps({"username": name, "password": password}).encode()
        return self.ask("POST", path, body, source=source)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Airflow as `akrim up` starts it; that it ends as it should is looked at too."""
    folder, port = tmp_path_factory.mktemp("up"), free_port()
    process = subprocess.Popen(
        [*AKRIM, "up", "--port", str(port)],
        env={**inherited(), "AKRIM_HOME": str(folder / "home"), "AKRIM_INBOX": str(folder / "inbox")},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    told = process.stderr.readline()
    assert told.startswith("Airflow is starting"), "long before it is up, also where no terminal is"
    assert not is_healthy(port)
    for line in process.stderr:
        told += line
        if "Ctrl-C" in line:
            break
    assert "Ctrl-C" in told, told
    running = Up(port, folder / "home")
    assert f"pages     {running.url}/akrim/" in told
    assert "nobody has one yet" in told
    assert """AKRIM_PAGE_ROLES='{"admin": [""" in told
    yield running
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=420)
    assert process.returncode == 0
    wait_for(lambda: not is_healthy(port), 10, "the end of the API server")


def test_what_it_keeps_is_private(up: Up) -> None:
    assert up.home.stat().st_mode & 0o077 == 0
    assert (up.home / "airflow" / "passwords.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("page", PAGES)
def test_every_answer_bears_the_headers_and_does_not_name_its_program(page: str, up: Up) -> None:
    _, headers, _ = up.ask("GET", f"/{page}")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src 'self';" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


@pytest.mark.parametrize("application", ["", "/auth", "/execution"])
@pytest.mark.parametrize("page", DOCUMENTATION)
def test_the_interfaces_documentation_is_closed(application: str, page: str, up: Up) -> None:
    status, _, said = up.ask("GET", f"{application}/{page}")
    assert (status, said) == (404, {"detail": "The API's documentation is closed here."})


@pytest.mark.parametrize(("path", "source"), [("/auth/token", "127.0.0.2"), ("/auth/token/cli", "127.0.0.3")])
def test_wrong_logins_wait(path: str, source: str, up: Up) -> None:
    answers = [
        up.log_in(f"somebody at {path}", "wrong", path, source=source) for _ in range(FREE_OF_NAME + 3)
    ]
    assert [status for status, _, _ in answers] == [*FREE_OF_NAME * [401], 429, 429, 429]
    _, headers, said = answers[-1]
    assert "Too many wrong logins" in said["detail"]
    assert "For mange feil innlogginger" in said["detail"]
    assert int(headers["retry-after"]) > 0


def test_what_is_no_login_does_not_start_a_name_anew(up: Up) -> None:
    """A redirect, a request without a password, and one of another kind, between the guesses."""
    source, asides = "127.0.0.4", ("/auth/token/", "/auth/token", "//auth/token")
    guessed = []
    for path in [*asides, *asides]:
        guessed.append(up.log_in("clerk", "wrong", source=source)[0])
        assert up.log_in("clerk", "", path, source=source)[0] not in {201, 401}
    assert guessed == [*FREE_OF_NAME * [401], 429]


def test_a_form_is_counted_like_json_and_a_huge_one_not_read(up: Up) -> None:
    kind, source = "application/x-www-form-urlencoded", "127.0.0.5"
    form = b"username=lawyer&password=wrong"
    sent = [up.ask("POST", "/auth/token", form, kind, source)[0] for _ in range(FREE_OF_NAME)]
    assert (sent, up.log_in("lawyer", "wrong", source=source)[0]) == (FREE_OF_NAME * [401], 429)
    assert up.ask("POST", "/auth/token", b"username=" + b"x" * 100_000, kind, source)[0] == 413


def test_an_address_that_tries_many_names_waits(up: Up) -> None:
    statuses = [up.log_in(f"name {n}", "wrong", source="127.0.0.6")[0] for n in range(FREE_OF_ADDRESS + 1)]
    assert statuses == [*FREE_OF_ADDRESS * [401], 429]


def test_the_right_password_waits_too_and_then_opens(up: Up) -> None:
    """Else guessing would only have to go on."""
    source = "127.0.0.7"
    for _ in range(FREE_OF_NAME):
        assert up.log_in("admin", "wrong", source=source)[0] == 401
    status, headers, _ = up.log_in("admin", up.password, source=source)
    assert status == 429
    time.sleep(int(headers["retry-after"]))
    status, _, said = up.log_in("admin", up.password, source=source)
    assert (status, bool(said["access_token"])) == (201, True)


def test_the_pages_work_under_the_policy(up: Up, browser: Browser) -> None:
    """Logged in by the form; nothing is blocked, and nothing asked for elsewhere."""
    page = browser.new_page()
    blocked, foreign = [], []
    page.on(
        "console", lambda said: blocked.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.on("pageerror", lambda error: blocked.append(str(error)))
    page.on("request", lambda asked: foreign.append(asked.url) if not asked.url.startswith((up.url, "data:", "blob:")) else None)  # fmt: skip
    page.goto(up.url)
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", up.password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/auth/login" not in url)
    for path, words in (
        ("dags", "receive_nav"), ("dags/receive_nav/code", "hinders"), ("dags/assess", "Trigger"), ("assets", "inbox/nav"),
    ):  # fmt: skip
        page.wait_for_load_state("networkidle")
        page.goto(f"{up.url}/{path}")
        page.get_by_text(words).locator("visible=true").first.wait_for(timeout=180_000)
    page.close()
    assert (blocked, foreign) == ([], [])
