"""What is in a backup's folder: the warehouse as PostgreSQL dumps it, the home's files, and a manifest with every file's hash."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from akrim import warehouse
from akrim.errors import UserError, redacted
from akrim.trust import file_sha256

MANIFEST, DUMP, FILES = "backup.json", "warehouse.dump", "home"
# What of the home cannot be made again; the linkage's cache, Data Docs, logs and Airflow's own folder can.
FOLDERS = ("keys", "releases", "outbox", "models", "queries", "alerts")
FORMAT = 1
CHUNK = 1024**2


@dataclass(frozen=True)
class Backup:
    """The manifest: what made the backup, of what, and each file by its path in the folder with its SHA-256.

    `audit_head` is the newest event of the audit log, as position:hash; `revision` that of the warehouse's tables.
    """

    format: int
    version: str
    made_at: str
    revision: str
    audit_head: str
    files: dict[str, str]

    @property
    def releases(self) -> list[str]:
        """The ids of the releases whose files are in it."""
        return sorted({name.split("/")[2] for name in self.files if name.startswith(f"{FILES}/releases/2")})

    def as_json(self) -> bytes:
        return (json.dumps(asdict(self), indent=2) + "\n").encode()


def read_manifest(folder: Path) -> Backup:
    """The backup's manifest; raises UserError where there is none that this version reads."""
    try:
        content: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        if content["format"] == FORMAT and _is_as_written(backup := Backup(**content)):
            return backup
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise UserError(
        "There is no whole backup that this version reads.",
        str(folder / MANIFEST),
        "The manifest is written last: without it the backup was never finished; with another one, use another copy.",
    )


def _is_as_written(backup: Backup) -> bool:
    """Whether it lists the dump, and besides it files below home/ alone."""
    texts = (backup.version, backup.made_at, backup.revision, backup.audit_head)
    return (
        isinstance(backup.files, dict)
        and DUMP in backup.files
        and all(isinstance(text, str) for text in (*texts, *backup.files.values()))
        and all(name == DUMP or name.startswith(f"{FILES}/") for name in backup.files)
    )


def check_files(folder: Path, backup: Backup) -> None:
    """Raise UserError where a file is missing or another one, or lies there that no backup wrote."""
    lying = {path.relative_to(folder).as_posix(): path for path in files_below(folder)}
    lying.pop(MANIFEST, None)
    wrong = sorted(lying.keys() ^ backup.files.keys())
    wrong += [
        name
        for name, path in lying.items()
        if name in backup.files and file_sha256(path) != backup.files[name]
    ]
    if wrong:
        raise UserError(
            f"The backup is not as it was made: {len(wrong)} file(s) missing, added or changed, such as {wrong[0]}.",
            str(folder),
            "Use another copy of it.",
        )


def files_below(folder: Path) -> Iterator[Path]:
    """Every plain file below the folder, links left out, in a fixed order."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def copy_file(source: Path, target: Path) -> str:
    """Copy a file with its times, for the owner alone; returns the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as reading, target.open("xb") as writing:
        target.chmod(0o600)
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            writing.write(chunk)
    shutil.copystat(source, target)
    target.chmod(0o600)
    return digest.hexdigest()


def run_program(name: str, *arguments: str) -> str | None:
    """Run PostgreSQL's own program of that name on the warehouse; returns in a line what went wrong, or None."""
    address, environment = warehouse.for_program(warehouse.url())
    done = subprocess.run(  # noqa: S603  # PostgreSQL's own program, no shell
        [warehouse.program(name), f"--dbname={address}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.returncode:
        return None
    return redacted(done.stderr).partition("\n")[0] or f"it ended with {done.returncode}"
