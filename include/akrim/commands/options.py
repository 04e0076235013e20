"""Options of a command that exclude one another."""

from collections.abc import Sequence

from akrim.errors import UserError


def require_at_most_one(where: str, what: str, given: Sequence[object], next_step: str) -> None:
    """Raise UserError where more than one of these was given; what counts as not given is false.

    Args:
        where: the command or its options.
        what: of what there are several, such as "forms".
    """
    if sum(map(bool, given)) > 1:
        raise UserError(f"That is several {what} at once.", where, next_step)
