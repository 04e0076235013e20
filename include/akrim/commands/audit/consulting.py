"""Logs that somebody looks at person data by a command, and what it takes: the person, who looks, and why."""

import re
from typing import Annotated

import typer

# An id as linkage gives it: P and twelve letters in base 32.
PERSON_ID = re.compile(r"P[A-Z2-7]{12}")


def person_id(typed: str) -> str:
    """A person id typed in small letters as it is written; any other text as it was typed."""
    return typed.upper() if PERSON_ID.fullmatch(typed.upper()) else typed


PersonArgument = Annotated[
    str,
    typer.Argument(help="A person id, as it stands in a report; old ids are followed.", callback=person_id),
]
ByOption = Annotated[str, typer.Option("--by", help="Who looks; the machine's user if none.")]
PurposeOption = Annotated[
    str,
    typer.Option(
        "--purpose",
        help="Why, such as a case's number; the setting's if none. No names: it is logged for good.",
    ),
]
