"""`akrim backup` and `akrim restore`: the whole installation into a folder, and out of it."""

from pathlib import Path
from typing import Annotated

import typer

from akrim.commands.output import Screen
from akrim.errors import UserError
from akrim.settings import get_settings


def backup(
    out: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder to make, or an empty one.", file_okay=False)
    ],
) -> None:
    """Copy the whole installation into a new folder: the warehouse, keys, releases and outbox, with the hash of every file.

    It waits for a running assessment to end. The folder holds everything, secret keys and all person data in the clear: keep it as
    the installation itself, and encrypt it before it leaves the machine. Not in it are the inbox, akrim.toml and Airflow's history.
    Where the files of a release that went out are not here, it is made without them, and ends with 1.

    Example: akrim backup /media/backup/2026-05-20
    """
    from akrim import ledger
    from akrim.backup import back_up

    made = back_up(out)
    screen = Screen(soft_wrap=True)
    screen.item("Backed up", f"{len(made.files)} files to {out}; releases: {len(made.releases)}.", "green")
    screen.print(f"Audit log: {made.audit_head}")
    if lost := ledger.lost_releases():
        raise UserError(
            f"The files of {', '.join(lost)} are not here, and so in no backup of today.",
            str(get_settings().releases_path),
            "Keep an earlier backup that has them, put them back from it (releases/ in its folder home/), and back up again.",
        )


def restore(folder: Annotated[Path, typer.Argument(help="The backup's folder.", file_okay=False)]) -> None:
    """Make an installation from a backup, in a home folder and a database that are new; nothing is overwritten.

    Every file is held against its hash first, and the audit log and each release after it. A backup of an earlier version is
    brought to this one.

    Example: AKRIM_HOME=/srv/akrim akrim restore /media/backup/2026-05-20
    """
    from akrim.backup import restore as restore_backup

    found = restore_backup(folder)
    screen = Screen(soft_wrap=True)
    screen.item(
        "Restored",
        f"{len(found.files)} files of {found.made_at}; releases that verify: {len(found.releases)}.",
        "green",
    )
    screen.print(f"The audit log is whole, and holds {found.audit_head}. Next: akrim doctor")
