"""The `akrim` command: puts the subcommands together and turns a user's mistakes into plain words and exit code 1."""

import atexit
import gc
import io
import os
import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from akrim import __version__
from akrim.characters import visible
from akrim.commands import backup, corrections, deliveries, keys, receive, run, situation, synth, up
from akrim.commands.audit import audit
from akrim.commands.doctor import doctor
from akrim.commands.explain import explain, subject
from akrim.commands.link import link
from akrim.commands.releases import releases
from akrim.commands.retention import retention
from akrim.commands.rules import rules
from akrim.commands.sql import sql
from akrim.ending import ending_signals
from akrim.errors import UserError, traceback_without_data
from akrim.machine_faults import machine_fault
from akrim.missing_extra import missing_extra
from akrim.settings import name_account


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"akrim {__version__}\n")
        raise typer.Exit


def _privately(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and end."),
    ] = False,
) -> None:
    """Whatever a command makes is its user's alone from the first moment."""
    os.umask(0o077)
    name_account()


app = typer.Typer(
    name="akrim",
    callback=_privately,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=(
        "From agencies' deliveries to an explained assessment for each centre.\n\n"
        "A first try, on synthetic data:\n\n"
        "  akrim synth --out inbox --period 2025-T3 --persons 2000 --seed 1\n\n"
        "  akrim run --inbox inbox --period 2025-T3\n\n"
        "It informs; people decide."
    ),
)

for module, panel in (
    (run, "The whole way"),
    (up, "The whole way"),
    (synth, "The whole way"),
    (receive, "Deliveries"),
    (explain, "Persons"),
    (situation, "Insight"),
    (sql, "Insight"),
    (doctor, "Insight"),
):
    name = module.__name__.rpartition(".")[2]
    app.command(name=name, rich_help_panel=panel)(getattr(module, name))
for module, panel in (
    (deliveries, "Deliveries"),
    (link, "Persons"),
    (corrections, "Persons"),
    (subject, "Persons"),
    (releases, "Releases"),
    (keys, "Releases"),
    (rules, "Insight"),
    (audit, "Insight"),
    (retention, "Releases"),
):
    app.add_typer(module.app, name=module.__name__.rpartition(".")[2], rich_help_panel=panel)
for command in (backup.backup, backup.restore):
    app.command(rich_help_panel="The whole way")(command)
app.command(name="quarantine", rich_help_panel="Deliveries")(deliveries.quarantine)


def main() -> None:
    """The entry point: a UserError, a missing extra, a full disk and other faults of the machine are told in words.

    Anything else is a defect and keeps its traceback, without the values that it quotes.
    """
    # A process that ends gives everything back at once: to look through it for garbage before that takes a second after a run.
    atexit.register(gc.freeze)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal cannot write ends nothing.
        sys.stdout.reconfigure(errors="backslashreplace")
    for number in ending_signals():
        if number != signal.SIGINT:  # which raises by itself
            signal.signal(number, _end)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # a full disk under a redirected output shows here at the latest
    except SystemExit as ended:
        # Whoever reads what is printed, such as `head`, has enough: told as a shell tells it of other programs, not as something wrong.
        sys.exit(128 + signal.SIGPIPE if isinstance(ended.__context__, BrokenPipeError) else ended.code)
    except Exception as error:  # noqa: BLE001  # whatever it is, its traceback is told
        told = error if isinstance(error, UserError) else missing_extra(error) or machine_fault(error)
        if told is None:
            sys.exit(traceback_without_data(error))
        Console(stderr=True, highlight=False).print(
            Text.assemble(("error", "bold red"), "  ", visible(str(told))), soft_wrap=True
        )
        sys.exit(1)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """End with the code that a shell has for the signal, but not on the spot: so the embedded server, files and transactions are put away."""
    sys.exit(128 + number)
