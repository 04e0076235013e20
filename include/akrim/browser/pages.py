"""The pages as an application that is put together when the first request comes: other processes of Airflow never serve one."""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

Message = MutableMapping[str, Any]


class Pages:
    """The application, as ASGI has it."""

    PREFIX = "/akrim"

    @cached_property
    def application(self) -> "FastAPI":
        from akrim.browser.application import make_application

        return make_application()

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        application = self.application
        # What failed was answered and logged by then; the server would log it again, with the values that it quotes.
        with suppress(Exception):
            await application(scope, receive, send)
