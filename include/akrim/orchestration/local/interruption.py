"""Lets Ctrl-C, a supervisor and a terminal that closes end the whole run, not just the running task."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from akrim.ending import ending_signals
from akrim.errors import UserError


class Interruption:
    """A request to end the run.

    While a task starts, Airflow's handler takes signals and does nothing with them, so that Python also notes each in a pipe.
    """

    def __init__(self) -> None:
        self._requested = False
        self._signals = ending_signals()
        self._noted, self._notes = os.pipe()
        os.set_blocking(self._noted, False)
        os.set_blocking(self._notes, False)

    @contextmanager
    def raised_in(self, where: str) -> Iterator[None]:
        """Raise UserError at the end of the block, or at once between tasks, if the run was asked to end."""
        self._arm()
        try:
            yield
        except KeyboardInterrupt:
            self._requested = True
        if self._requested or self._is_noted():
            raise UserError(
                "Stopped on request.", where, "Run again: what was done is kept, the rest is done then."
            )

    def _arm(self) -> None:
        for number in self._signals:
            signal.signal(number, self._stop)
        signal.set_wakeup_fd(self._notes, warn_on_full_buffer=False)

    def _is_noted(self) -> bool:
        try:
            return any(number in self._signals for number in os.read(self._noted, 4096))
        except BlockingIOError:
            return False

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
