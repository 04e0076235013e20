"""A day, as commands are given it: 2026-01-31."""

from datetime import date

import typer


def day(text: str) -> date:
    """The day that `text` names; raises BadParameter where it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2026-01-31.") from None
