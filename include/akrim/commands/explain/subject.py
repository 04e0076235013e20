"""`akrim subject`: what a person has a right to be given to read."""

from pathlib import Path
from typing import Annotated

import typer

from akrim.commands.audit.consulting import PersonArgument, PurposeOption
from akrim.commands.output import Screen

app = typer.Typer(no_args_is_help=True, help="What is held about one person, for that person to read.")


@app.command()
def export(
    person: PersonArgument,
    out: Annotated[Path, typer.Option(help="A new folder for the files.", file_okay=False)],
    by: Annotated[str, typer.Option("--by", help="Who exports it.")],
    purpose: PurposeOption = "",
) -> None:
    """Write all that is held about a person: delivered rows, links, findings, decisions, who was sent what, cases and erasures.

    A page in each language, and subject.json by the schema beside it. Others are left out or masked, and so are protected addresses.
    It is logged as a disclosure to the person. Free texts are masked by names that are known: read them before they are handed out.

    Example: akrim subject export PWLZH2L6IA73S --out innsyn-2026-14 --by 'Kari Vakt' --purpose 'innsyn 2026-14'
    """
    from akrim.subjects import export_subject

    for path in export_subject(person, out, by, purpose):
        Screen(soft_wrap=True).print(str(path))


@app.callback()
def _group() -> None:
    """Keeps `export` a command of its own, though it is the only one."""
