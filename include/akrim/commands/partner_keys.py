"""What `akrim keys` does with the public keys of others: the centres' and the agencies'."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from akrim.commands.days import day
from akrim.commands.output import Screen
from akrim.errors import UserError

PartnerArgument = Annotated[str, typer.Argument(help="A centre or an agency, such as oslo or nav.")]


def add(
    centre_id: PartnerArgument,
    recipient: Annotated[Path, typer.Argument(help="Its recipient.txt.", exists=True, dir_okay=False)],
) -> None:
    """Seal for this public key too, from the next time on: a centre's releases, an agency's receipts.

    Example: akrim keys add oslo recipient.txt
    """
    from akrim.keys import add_recipient

    count = add_recipient(centre_id, recipient)
    following = "`akrim releases deliver` seals for them what is in force."
    if _is_agency(centre_id):
        following = "The next `akrim receive` or `akrim run` seals its receipts for them anew."
    Screen(soft_wrap=True).print(f"{centre_id} now has {count} key(s). {following}")


def remove(
    centre_id: PartnerArgument, key: Annotated[str, typer.Argument(help="The public key, age1…")]
) -> None:
    """Seal no longer for this public key of the centre or the agency.

    Example: akrim keys remove oslo age1…
    """
    from akrim.keys import remove_recipient

    count = remove_recipient(centre_id, key)
    Screen().print(f"{centre_id} now has {count} key(s).")


def trust(
    centre_id: PartnerArgument,
    public: Annotated[
        Path,
        typer.Argument(help="The public key: decisions.pub, or minisign's.", exists=True, dir_okay=False),
    ],
    old_until: Annotated[
        date | None,
        typer.Option(parser=day, help="An agency's old key counts up to this day; else it counts no more."),
    ] = None,
) -> None:
    """Take a centre's decisions, or an agency's deliveries, only with this key's signature from now on.

    Compare the key's id by telephone first. An agency that changes its key announces the new one: then both count for
    a while. A stolen key is replaced without --old-until: then no older one counts any more.

    Example: akrim keys trust oslo decisions.pub

    Example: akrim keys trust nav nav.pub --old-until 2027-01-31
    """
    from akrim.keys.agencies import trust_sender
    from akrim.keys.centres import trust_signer

    console = Screen(soft_wrap=True)
    if _is_agency(centre_id):
        key = trust_sender(centre_id, public, old_until)
        console.print(f"{centre_id}'s deliveries have to be signed with {key}.")
        return
    if old_until is not None:
        raise UserError("A centre's key is replaced at once.", "--old-until", "Leave it out.")
    key = trust_signer(centre_id, public)
    console.print(f"{centre_id}'s decisions have to be signed with {key}.")


def distrust(centre_id: PartnerArgument) -> None:
    """Take the centre's decisions, or the agency's deliveries, without a signature again.

    Example: akrim keys distrust oslo
    """
    from akrim.keys.agencies import distrust_sender
    from akrim.keys.centres import distrust_signer

    if _is_agency(centre_id):
        distrust_sender(centre_id)
    else:
        distrust_signer(centre_id)
    Screen(soft_wrap=True).print(f"What {centre_id} sends needs no signature.")


def _is_agency(name: str) -> bool:
    from akrim.contracts import load_contracts

    return name in load_contracts()
