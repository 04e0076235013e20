"""Makes an installation from a backup, in a home and a database that hold nothing yet."""

import os
from pathlib import Path

from akrim import audit, warehouse
from akrim.backup.content import (
    DUMP,
    FILES,
    FOLDERS,
    Backup,
    check_files,
    copy_file,
    read_manifest,
    run_program,
)
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.trust import find_problems


def restore(folder: Path) -> Backup:
    """Restore the backup; the tables are then brought to this version, and log and releases are held against it.

    Raises UserError where the backup is not as it was made, a newer akrim made it, something would be overwritten, PostgreSQL
    cannot load it, or what was restored does not verify.
    """
    backup = read_manifest(folder)
    check_files(folder, backup)
    _require_fresh()
    warehouse.require_known(backup.revision)
    os.umask(0o077)
    home = get_settings().home
    for name in backup.files:
        if name != DUMP:
            copy_file(folder / name, home / Path(name).relative_to(FILES))
    _load(folder / DUMP)
    warehouse.prepare()
    audit.verify(backup.audit_head)
    for release_id in backup.releases:
        if problems := find_problems(home / "releases" / release_id):
            raise UserError(
                f"{release_id} does not verify: {problems[0]}",
                str(home),
                "It did not when the backup was made.",
            )
    return backup


def _require_fresh() -> None:
    home = get_settings().home
    there = [str(home / name) for name in FOLDERS if (home / name).is_dir() and any((home / name).iterdir())]
    with warehouse.connect() as connection:
        warehouse.require_usable(connection)
    if warehouse.revision() is not None:
        there.append("the warehouse's tables")
    if there:
        raise UserError(
            "Here is an installation already, and nothing is overwritten.",
            ", ".join(there),
            "Name a new AKRIM_HOME and, where it is set, AKRIM_DATABASE_URL of an empty database.",
        )


def _load(dump: Path) -> None:
    options = ["--no-owner", "--exit-on-error", "--single-transaction"]
    if wrong := run_program("pg_restore", *options, str(dump)):
        raise UserError(
            f"PostgreSQL cannot load the backup: {wrong}",
            str(dump),
            "docs/database.md says which roles it needs. Empty the home folder, and restore again.",
        )
