"""Ctrl-C and a supervisor's SIGTERM end a walk, not just the task that happens to be running."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from akrim.errors import UserError


class Interruption:
    """Somebody's wish that the walk end."""

    def __init__(self) -> None:
        self._came = False

    @contextmanager
    def told(self, where: str) -> Iterator[None]:
        """Raises UserError at the end of the block, or at once between tasks, if the walk was asked to end."""
        self._arm()
        try:
            yield
        except KeyboardInterrupt:
            self._came = True
        if self._came:
            raise UserError(
                "Stopped on request.", where, "Run again: what was done is kept, the rest is done then."
            )

    def _arm(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def listener(self) -> object:
        """Airflow gives each task a SIGTERM handler that does nothing to a task in process: ours is put back."""
        from airflow.listeners import hookimpl

        class Listener:
            @hookimpl
            def on_task_instance_running(_, task_instance: Any) -> None:  # noqa: ARG002, N805  # the hook's own signature
                self._arm()

        return Listener()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
        raise KeyboardInterrupt
