"""Makes a backup while nothing is assessed or published, so that the warehouse and the files tell the same."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import akrim
from akrim import audit, warehouse
from akrim.atomic_files import write_new
from akrim.backup.content import (
    DUMP,
    FILES,
    FOLDERS,
    FORMAT,
    MANIFEST,
    Backup,
    copy_file,
    files_below,
    run_program,
)
from akrim.errors import UserError
from akrim.orchestration import assessment_lock
from akrim.settings import get_settings
from akrim.trust import file_sha256


def back_up(folder: Path) -> Backup:
    """Write a backup into a new or empty folder; waits for a running assessment to end.

    Raises UserError where the folder holds something, there is nothing to back up, the audit log is not whole, or PostgreSQL
    cannot write its dump.
    """
    if (folder / DUMP).exists() and not (folder / MANIFEST).exists():
        raise UserError(
            "A backup was not finished there.", str(folder), "Remove that folder, or name a new one."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(
            "The backup's folder is not empty.", str(folder), "Name a new one: nothing is overwritten."
        )
    revision = warehouse.revision()
    if revision is None:
        raise UserError(
            "There is nothing to back up.", "the warehouse has no tables yet", "`akrim run` makes them."
        )
    os.umask(0o077)
    with assessment_lock():
        # Of a log that was changed no backup is made that could take an earlier one's place.
        audit.verify()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _log_copy()
        head = audit.verify()
        _dump(folder / DUMP)
        files = {DUMP: file_sha256(folder / DUMP)} | _copy_home(folder)
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    backup = Backup(FORMAT, akrim.__version__, made_at, revision, f"{head.position}:{head.sha256}", files)
    write_new(folder / MANIFEST, backup.as_json())
    return backup


def _log_copy() -> None:
    """Before anything is copied, so that the event is in the backup, too."""
    with warehouse.connect() as connection:
        event = audit.Event("disclosure", recipient="a backup", detail={"means": "backup"})
        audit.record(connection, event)


def _dump(path: Path) -> None:
    """Everything of the pipeline's; what an administrator lays once, roles and the rights of all, is not in it."""
    path.touch(mode=0o600, exist_ok=False)
    # Row security shows the pipeline's own session every row.
    # Compressed at gzip's quickest: in a third of the default's time, and a seventh larger.
    options = ["--format=custom", "--compress=1", "--no-owner", "--enable-row-security"]
    left_out = ["--exclude-schema=public", "--exclude-schema=pg_catalog", "--exclude-schema=scratch_*"]
    if wrong := run_program("pg_dump", *options, *left_out, f"--file={path}"):
        raise UserError(
            f"The warehouse cannot be dumped: {wrong}",
            str(path),
            "See that the disk has room and pg_dump is as new as the server.",
        )


def _copy_home(folder: Path) -> dict[str, str]:
    """Copy the home's files; returns the SHA-256 of each by its path in the backup.

    Sending and alerts go on meanwhile: what is still being written, under a name with a point, and what is gone when its turn comes is left out.
    """
    home = get_settings().home
    names = [
        path.relative_to(home)
        for name in FOLDERS
        if (home / name).is_dir()
        for path in files_below(home / name)
    ]
    copied = {}
    for name in names:
        if not any(part.startswith(".") for part in name.parts):
            with suppress(FileNotFoundError):
                copied[f"{FILES}/{name.as_posix()}"] = copy_file(home / name, folder / FILES / name)
    return copied
