"""`akrim deliveries confirm`, `withdraw` and `replay`: decisions on a delivery, each with a name and a reason."""

from typing import Annotated

import typer

from akrim import warehouse
from akrim.characters import neutral_name
from akrim.commands.deciding import By, Reason
from akrim.commands.deliveries.table import beyond_assessing
from akrim.commands.output import Screen
from akrim.errors import UserError
from akrim.periods import Period, today

Accepted = Annotated[str, typer.Argument(help="An accepted delivery's id, such as nav-2026-T1-01.")]


def confirm(
    delivery: Accepted,
    extract: Annotated[str, typer.Argument(help="One of its extracts, such as saker.")],
    by: By,
    reason: Reason,
) -> None:
    """Let an extract go that came empty, shrunken, swollen or unchanged and is right so, such as after asking the agency.

    It no longer holds a release, and the next run checks the rules that need it, as of that delivery's period.

    Example: akrim deliveries confirm nav-2026-T1-01 saker --by 'Kari Vakt' --reason 'NAV has closed them all'
    """
    from akrim.deliveries import confirm_extract

    warehouse.prepare()
    period = confirm_extract(delivery, extract, by, reason)
    name = neutral_name(delivery)
    Screen(soft_wrap=True).print(
        f"{neutral_name(extract)} of {name} is confirmed. {_assessing(period, 'with')} `akrim deliveries impact {name}` shows where."
    )


def withdraw(delivery: Accepted, by: By, reason: Reason) -> None:
    """Take an accepted delivery out of force, such as one for the wrong period: the next run assesses without it.

    Nothing of it is deleted, and its files are not taken in again: a correction needs a new id.

    Example: akrim deliveries withdraw nav-2026-T1-01 --by 'Kari Vakt' --reason 'NAV delivered the wrong period'
    """
    from akrim.deliveries import withdraw as withdraw_delivery
    from akrim.releases import hide_homes

    warehouse.prepare()
    period = withdraw_delivery(delivery, by, reason)
    hide_homes()  # whose protection it had lifted is protected again
    is_over = Period.parse(period).as_of < today()
    then = _assessing(period, "without") if is_over else f"{period} is not over: nothing rests on it."
    name = neutral_name(delivery)
    Screen(soft_wrap=True).print(
        f"{name} is withdrawn. {then} `akrim deliveries impact {name}` shows what comes in its place, and where."
    )


def replay(
    delivery: Annotated[str, typer.Argument(help="The id of a delivery, such as nav-2026-T1-01.")],
    by: By,
    reason: Reason,
    inbox: Annotated[
        str, typer.Option(help="Folder or address of the deliveries.  [default: AKRIM_INBOX]")
    ] = "",
) -> None:
    """Read a delivery again by the contract of today, so that rows which were set aside are loaded where they now pass.

    Its files must still lie in the inbox. What is accepted takes the place of the delivery, as nav-2026-T1-01~1, and the next run
    assesses with it; what was refused is looked at anew. Where the same rows are set aside, nothing changes.

    Example: akrim deliveries replay nav-2026-T1-01 --by 'Kari Vakt' --reason 'the contract had a wrong code list'
    """
    from akrim.orchestration import local

    outcome = local.replay(delivery, by, reason, inbox)
    name = neutral_name(delivery)
    if outcome.status == "refused":
        raise UserError(
            f"{name} is not accepted so: {outcome.code}: {outcome.detail}",
            "meta.deliveries",
            "What stood before it stands. Mend the contract, or ask the agency to deliver anew.",
        )
    if outcome.status == "already_loaded":
        Screen().print(f"Nothing changes: the same rows of {name} are set aside.")
        return
    rows, aside = sum(outcome.loaded.values()), sum(outcome.quarantined.values())
    counts = f"{rows} rows loaded, {aside} set aside" if rows or aside else "another reception has read it"
    Screen(soft_wrap=True).print(
        f"{_accepted_as(outcome.delivery_id, name)}: {counts}. The next `akrim run` assesses with it."
    )


def _assessing(period: str, how: str) -> str:
    """The command that assesses the period with or without what was decided on, or why none does."""
    from akrim.insight import removed_of

    if removed := removed_of(period):
        return beyond_assessing(period, removed)
    return f"`akrim run --period {period}` assesses {how} it."


def _accepted_as(delivery_id: str, name: str) -> str:
    """What was refused keeps its name; what was accepted before has another now."""
    return f"{name} is accepted" if delivery_id == name else f"{delivery_id} takes the place of {name}"
