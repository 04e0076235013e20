"""`akrim up`: Airflow with its pages, on this machine, until it is stopped."""

import signal
import time
from types import FrameType
from typing import Annotated

import typer

from akrim.commands.output import Screen
from akrim.ending import ending_signals
from akrim.errors import UserError

NO_ROLES = (
    "nobody has one yet, so that no page opens. For this run:"
    """ AKRIM_PAGE_ROLES='{"admin": ["operator", "clerk", "analyst", "auditor"]}' akrim up"""
)


def up(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where the pages are served, on this machine alone.")
    ] = 8080,
) -> None:
    """Start Airflow: from now on the inbox is scanned every few minutes and releases come by themselves.

    A scheduler, a DAG processor, an API server and a triggerer run below this command and end with it (Ctrl-C).
    Deliveries are taken from AKRIM_INBOX. For several machines, see docker-compose.yml. After a few wrong logins each one more
    doubles the wait before the next, up to a quarter of an hour.

    Example: AKRIM_INBOX=/data/inbox akrim up
    """
    from akrim.orchestration.airflow import Services, password_file
    from akrim.settings import get_settings

    console = Screen(stderr=True, soft_wrap=True)
    for number in ending_signals():
        # SIGINT too: a shell without job control starts what runs in its background deaf to it.
        signal.signal(number, _interrupt)
    console.print("Airflow is starting; that takes a minute or two.")
    try:
        with Services(port) as services:
            with console.status("Airflow is starting"):
                services.start_the_others()
            console.item("Airflow is up", f"at {services.url}, user admin", "bold")
            console.print(f"  password  {password_file()}")
            console.print(f"  pages     {services.url.rstrip('/')}/akrim/")
            if not get_settings().page_roles:
                console.print(f"  roles     {NO_ROLES}")
            _show_inbox(console)
            console.print(f"  logs      {services.logs}")
            console.print("Stop it with Ctrl-C.")
            try:
                while True:
                    services.check()
                    time.sleep(2)
            except KeyboardInterrupt:
                console.print(
                    "Airflow is stopping: what runs has a minute to end, and goes on at the next start."
                )
                raise
    except KeyboardInterrupt:
        console.print("Airflow has stopped.")


def _show_inbox(console: Screen) -> None:
    from akrim.commands.doctor.installation import inbox

    try:
        console.print(f"  inbox     {inbox()}")
    except UserError as problem:  # the pages are of use without it, and each scan fails until it is there
        console.item("  inbox    ", str(problem))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
