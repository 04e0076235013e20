"""Logs that somebody looks at person data by a command, and what it takes: the person, who looks, and why."""

from collections.abc import Iterable
from typing import Annotated

import typer


def _as_ids_are(typed: str) -> str:
    return typed.upper()


PersonArgument = Annotated[
    str,
    typer.Argument(
        help="A person id, as it stands in a report; old ids are followed.",
        callback=_as_ids_are,
    ),
]
ByOption = Annotated[str, typer.Option("--by", help="Who looks; the machine's user if none.")]
PurposeOption = Annotated[
    str,
    typer.Option(
        "--purpose",
        help="Why, such as a case's number; the setting's if none. No names: it is logged for good.",
    ),
]


def log_consultation(
    command: str,
    records: Iterable[tuple[str, str]] = (),
    persons: Iterable[str] = (),
    /,
    *,
    by: str,
    purpose: str,
    **detail: str | int,
) -> None:
    """Log that a command shows these records, by source and id, and these persons, before it does."""
    from akrim import audit, warehouse

    with warehouse.connect() as connection:
        shown = {*persons, *audit.persons_of(connection, records)}
        told = {"command": command, **detail}
        audit.record(connection, audit.Event("consultation", by, purpose, detail=told, persons=shown))
