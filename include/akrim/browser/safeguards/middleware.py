"""One middleware around all that Airflow's API server answers: headers, closed pages, bounded bodies, slow wrong logins.

Airflow has none of these of its own, and its sub-applications (`/auth`, `/execution`) publish their documentation
whatever is set. The API itself stays as it is: whoever may use it is known by a token.
"""

import json
import logging
import math
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from akrim.browser.safeguards.throttle import Throttle

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)

# Styles are written into the page by the UI's own library as it draws; scripts come from files alone.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self';"
    " frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
DOCUMENTATION = re.compile(r"(/auth|/execution)?/(docs|redoc|changelog|openapi\.json)(/.*)?", re.ASCII)
LOGINS = {"/auth/token", "/auth/token/cli"}
MAX_LOGIN_BYTES = 16 * 1024
# A body is read before anybody is known by it, into memory and temporary files; no form of ours and no call of Airflow's own is nearly as large.
MAX_BODY_BYTES = 4 * 1024 * 1024
RIGHT, WRONG = 201, 401


class Safeguards:
    """The middleware, as ASGI has it."""

    def __init__(self, application: Application, throttle: Throttle | None = None) -> None:
        self._application = application
        self._throttle = throttle or Throttle()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in HEADERS}
                theirs = [
                    (name, value) for name, value in message.get("headers", ()) if name.lower() not in ours
                ]
                message["headers"] = [*theirs, *HEADERS]
            await send(message)

        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if DOCUMENTATION.fullmatch(path):
            await _answer(send_guarded, 404, "The API's documentation is closed here.")
        elif scope["method"] == "POST" and path.rstrip("/") in LOGINS:
            await self._log_in(scope, receive, send_guarded)
        else:
            await self._application(scope, _bounded(receive), send_guarded)

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None:
            await _answer(send, 413, "No user name and password are that long.")
            return
        name, address = await _user_name(scope, body, receive), (scope.get("client") or ("",))[0]
        wait = self._throttle.attempt(name, address)
        if wait > 0:
            seconds = math.ceil(wait)
            log.warning("A login waits %d s: too many wrong ones before it.", seconds)
            message = (
                f"Too many wrong logins. Try again in {seconds} seconds."
                f" For mange feil innlogginger. Prøv igjen om {seconds} sekunder."
            )
            await _answer(send, 429, message, (b"retry-after", str(seconds).encode()))
            return

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] == RIGHT:
                    self._throttle.succeeded(name, address)
                elif message["status"] != WRONG:  # a redirect, say: no password was looked at
                    self._throttle.undecided(name, address)
            await send(message)

        await self._application(scope, _replayed(body, receive), send_and_count)


def _bounded(receive: Receive) -> Receive:
    """The same, until more has come than any body has; then HTTPException 413 is raised to whoever reads it."""
    left = MAX_BODY_BYTES

    async def receive_bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413)
        return message

    return receive_bounded


async def _read(receive: Receive) -> bytes | None:
    """The request's body; None where it is larger than a login can be."""
    body = b""
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > MAX_LOGIN_BYTES:
            return None
        if message["type"] != "http.request" or not message.get("more_body"):
            return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def once_more() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once_more


async def _user_name(scope: Scope, body: bytes, receive: Receive) -> str:
    """The name that is logged in by, as JSON or a form; empty where there is none, which then counts as one name.

    Read by the parsers that Airflow reads it by: a name that only one of the two sees would not be counted.
    """
    request = Request(scope, _replayed(body, receive))
    given: Any
    if (
        request.headers.get("content-type", "")
        .strip()
        .lower()
        .startswith("application/x-www-form-urlencoded")
    ):
        given = await request.form()
    else:
        try:
            given = await request.json()
        except (ValueError, RecursionError):
            return ""
    return str(given.get("username", "")) if isinstance(given, Mapping) else ""


async def _answer(send: Send, status: int, message: str, *headers: tuple[bytes, bytes]) -> None:
    body = json.dumps({"detail": message}, ensure_ascii=False).encode()
    described = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*described, *headers]})
    await send({"type": "http.response.body", "body": body})
