"""Options of a command that exclude one another, or choose among rows."""

from collections.abc import Sequence
from typing import Any

from akrim.errors import UserError


def require_at_most_one(where: str, what: str, given: Sequence[object], next_step: str) -> None:
    """Raise UserError where more than one of these was given; what counts as not given is false.

    Args:
        where: the command or its options.
        what: of what there are several, such as "forms".
    """
    if sum(map(bool, given)) > 1:
        raise UserError(f"That is several {what} at once.", where, next_step)


def rows_of(rows: list[dict[str, Any]], column: str, option: str, asked: str) -> list[dict[str, Any]]:
    """The rows with that value of a column, as the option asks for; raises UserError where none has it."""
    chosen = [row for row in rows if row[column] == asked]
    if not chosen:
        known = ", ".join(dict.fromkeys(row[column] for row in rows))
        raise UserError(f"There is no {option} {asked}.", f"--{option}", f"One of: {known}.")
    return chosen
