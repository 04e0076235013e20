"""Lets Ctrl-C and a supervisor's SIGTERM end the whole run, not just the running task."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from akrim.errors import UserError


class Interruption:
    """A request to end the run."""

    def __init__(self) -> None:
        self._requested = False

    @contextmanager
    def raised_in(self, where: str) -> Iterator[None]:
        """Raise UserError at the end of the block, or at once between tasks, if the run was asked to end."""
        self._arm()
        try:
            yield
        except KeyboardInterrupt:
            self._requested = True
        if self._requested:
            raise UserError(
                "Stopped on request.", where, "Run again: what was done is kept, the rest is done then."
            )

    def _arm(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def listener(self) -> object:
        """A listener that restores our handler: Airflow sets one for each task, which does nothing in process."""
        from airflow.listeners import hookimpl

        class Listener:
            @hookimpl
            def on_task_instance_running(_, task_instance: Any) -> None:  # noqa: ARG002, N805  # the hook's own signature
                self._arm()

        return Listener()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._requested = True
        raise KeyboardInterrupt
