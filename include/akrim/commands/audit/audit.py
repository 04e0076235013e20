"""`akrim audit`: checks and exports the log of what was done with person data, and shows what it tells of a person."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from akrim.commands.audit.consulting import PersonArgument
from akrim.commands.days import day
from akrim.commands.output import JsonOption, Screen, bare_table, print_json
from akrim.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    help="The log of what was done with person data: by whom, when, whose data, for which purpose, to whom.",
)


@app.command()
def verify(
    head: Annotated[
        str,
        typer.Option(help="What an earlier check ended with, as position:hash; the log must still hold it."),
    ] = "",
) -> None:
    """Check that no event was changed, removed or put in, and that the log holds what each release states of it.

    The exit code is 1 where it was, with the first bad position. What comes after the newest release is held against
    nothing but --head: note what is printed.

    Example: akrim audit verify
    """
    from akrim import audit

    verified = audit.verify(head)
    console = Screen(soft_wrap=True)
    against = f", as stated in {', '.join(verified.releases)}" if verified.releases else ""
    waiting = f"; {verified.waiting} requests wait for the next one" if verified.waiting else ""
    cut = f"; up to event {verified.cut} they were past their limit and are gone" if verified.cut else ""
    console.item("Whole:", f"{verified.position} events{against}{waiting}{cut}.", "green")
    console.print(f"{verified.position}:{verified.sha256}")


@app.command()
def export(
    since: Annotated[date, typer.Option(parser=day, help="The first day, by UTC.")],
    out: Annotated[Path, typer.Option(help="The file to write, of JSON lines.", dir_okay=False)],
) -> None:
    """Write events as JSON lines: `content` is the very text whose SHA-256 is `sha256` and which holds the hash before it.

    Example: akrim audit export --since 2026-01-01 --out audit.jsonl
    """
    from akrim import audit

    Screen(soft_wrap=True).print(f"{audit.export(since, out)} events written to {out}.")


@app.command("of")
def of_person(person: PersonArgument, as_json: JsonOption = False) -> None:
    """Everything that was done with a person's data, oldest first, under whichever id.

    Example: akrim audit of PWLZH2L6IA73S
    """
    from akrim import audit

    found = audit.events_about(person)
    if not found:
        raise UserError(
            f"Nothing is logged about {person}.",
            "audit.subjects",
            "Give an id from a release or from `akrim explain`.",
        )
    if as_json:
        print_json(found)
        return
    table = bare_table(
        "event", "when (UTC)", "what", "who", "purpose", "to whom", "what with", overflow="fold"
    )
    for event in found:
        table.add_row(
            "waits" if event["position"] is None else str(event["position"]),
            event["happened_at"],
            event["action"],
            f"{event['by_name']} ({event['login']})",
            event["purpose"],
            event["recipient"] or "",
            _what_with(event, person),
        )
    Screen().table(table)


def _what_with(event: dict[str, Any], person: str) -> str:
    named = [event[name] for name in ("agency", "delivery_id", "release_id") if event[name]]
    told = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in event["detail"].items()
        if not isinstance(value, dict) and not name.endswith("sha256")
    ]
    other_id = [f"as {event['person_id']}"] if event["person_id"] != person else []
    return ", ".join([*named, *told, *other_id])
