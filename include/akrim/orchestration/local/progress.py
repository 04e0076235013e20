"""Progress for the terminal: one line per finished task, a spinner meanwhile, and times by stage.

Everything that Airflow, dbt and others print goes to a log file; errors are kept for the summary.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner

SILENT_PREFIXES = ("announce", "nothing_before", "all_accepted", "list_parts")


class Progress:
    """Listens to Airflow's tasks and collects `seconds` by stage and `errors` by DAG."""

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self.errors: dict[str, BaseException | str] = {}
        self._console = console
        self._spinner = Spinner("dots", style="status.spinner")
        self._live: Live | None = None
        self._since = time.monotonic()

    def begin(self, title: str) -> None:
        self._since = time.monotonic()
        self._spinner.update(text=title)
        if self._console.is_terminal and self._live is None:
            # What this process prints goes to the log; `Console.status` would take it to the terminal.
            self._live = Live(
                self._spinner,
                console=self._console,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def end(self, stage: str, title: str, mark: str = "[green]done[/]") -> None:
        took = time.monotonic() - self._since
        self.seconds[stage] = self.seconds.get(stage, 0.0) + took
        if not stage.startswith(SILENT_PREFIXES):
            self._console.print(f"  {title:<28}{mark} {took:7.1f} s", highlight=False)

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()

    def listener(self) -> object:
        """The object that Airflow calls as tasks begin and end."""
        from airflow.listeners import hookimpl

        class Listener:
            @hookimpl
            def on_task_instance_running(_, task_instance: Any) -> None:  # noqa: N805  # the hook's own signature has no self
                self.begin(_title(task_instance))

            @hookimpl
            def on_task_instance_success(_, task_instance: Any) -> None:  # noqa: N805  # the hook's own signature has no self
                self.end(task_instance.task_id, _title(task_instance))

            @hookimpl
            def on_task_instance_skipped(_, task_instance: Any) -> None:  # noqa: N805  # the hook's own signature has no self
                self.end(task_instance.task_id, _title(task_instance), "[dim]skipped[/]")

            @hookimpl
            def on_task_instance_failed(_, task_instance: Any, error: Any) -> None:  # noqa: N805  # the hook's own signature has no self
                self.errors[task_instance.dag_id] = error
                self.end(task_instance.task_id, _title(task_instance), "[red]failed[/]")

        return Listener()


def _title(task_instance: Any) -> str:
    """`receive_nav` for the task `receive` of that DAG, `receipts_nav` for what follows it, else the task's id."""
    _, is_receiving, agency = task_instance.dag_id.rpartition("receive_")
    if not is_receiving:
        return str(task_instance.task_id)
    return f"receive_{agency}" if task_instance.task_id == "receive" else f"receipts_{agency}"


@contextmanager
def output_to(log: Path) -> Iterator[Console]:
    """Redirect this process's output to a file; yields a console on the original standard error."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    originals = {number: os.dup(number) for number in (1, 2)}
    with os.fdopen(originals[2], "w", closefd=False) as terminal, log.open("a") as target:
        for number in originals:
            os.dup2(target.fileno(), number)
        try:
            yield Console(file=terminal)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, original in originals.items():
                os.dup2(original, number)
                os.close(original)
