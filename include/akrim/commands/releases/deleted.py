"""`akrim releases deleted`: a centre confirms that nothing is left of its part of a release that was erased."""

from pathlib import Path
from typing import Annotated

import typer

from akrim.commands.releases.verify import AtOption, KeysOption, NoticesOption, write_receipt
from akrim.periods import today
from akrim.settings import read_settings
from akrim.trust.verification import Check, confirm_deletion


def deleted(
    release: Annotated[str, typer.Argument(help="The id of the release that was erased, such as 2026-T1.1.")],
    receipt: Annotated[
        Path,
        typer.Option(
            "--receipt",
            help="Write the receipt to send back into this folder (or to this file, named *.receipt.json).",
        ),
    ],
    keys: KeysOption = None,
    at: AtOption = None,
    notices: NoticesOption = None,
    copies: Annotated[
        list[Path] | None,
        typer.Option(
            "--copies",
            help="A folder in which releases were opened, to see that no copy is left.",
            file_okay=False,
        ),
    ] = None,
) -> None:
    """At a centre: confirm that the centre's part of an erased release is deleted, copies and backups included.

    The signed notice of the erasure must be there. A copy that still lies beside the notices or in --copies is told, and nothing is
    confirmed; of backups and what was written out of it only people know.

    Example: akrim releases deleted 2026-T1.1 --keys keys --notices fetched --copies releases --receipt receipts
    """
    check = Check(keys or read_settings().keys_path, at or today(), tuple(notices or ()))
    content = confirm_deletion(release, check, copies or [])
    write_receipt(f"erasure-{content['release_id']}-{content['recipient']}", content, receipt)
