"""`akrim receive`: only receives deliveries."""

from dataclasses import asdict
from typing import Annotated

import typer

from akrim.commands.outcomes import show_outcomes
from akrim.commands.output import JsonOption, print_json


def receive(
    inbox: Annotated[
        str, typer.Option(help="Folder or ObjectStorage address with one folder per agency.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Take in what is new in the inbox: verify, validate, set rows aside, accept or refuse.

    Nothing is assessed and nothing published; `akrim run` does that too. Run it as often as you like: what was
    accepted stays accepted, and the inbox is never changed. The exit code is 0 even if a delivery was refused; it is 1
    where an agency's reception itself failed, which is told after what became of the others.

    Example: akrim receive --inbox inbox
    """
    from akrim.orchestration.local import ReceptionFailed, receive_all

    failed: ReceptionFailed | None = None
    try:
        outcomes = receive_all(inbox or None)
    except ReceptionFailed as error:
        failed, outcomes = error, error.outcomes
    if as_json:
        print_json([asdict(outcome) for outcome in outcomes])
    elif outcomes or not failed:
        show_outcomes(outcomes)
    if failed:
        raise failed
