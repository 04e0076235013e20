"""What a centre's folder of keys says of it: its id, and the releases that it has verified."""

import json
from pathlib import Path
from typing import Any

from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.trust.documents import parse, read_limited
from akrim.trust.keyring.names import KeyFile

LIMIT = 1024
REMEMBERED = ("revision", "release_id", "manifest_sha256", "period")


def read_seen(keys: Path) -> dict[str, dict[str, Any]]:
    """Each period's newest verified release: period, revision, release_id, manifest_sha256.

    Raises UserError if the file is empty or damaged.
    """
    path = keys / KeyFile.SEEN
    if not path.exists():
        return {}
    try:
        seen = parse(read_limited(path))
        return {period: {name: release[name] for name in REMEMBERED} for period, release in seen.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            "What was verified before can no longer be read.",
            str(path),
            "Put it back from a copy; without one, delete it, and take care that no older release is used for a newer one.",
        ) from None


def write_seen(keys: Path, seen: dict[str, dict[str, Any]]) -> None:
    write_whole(keys / KeyFile.SEEN, (json.dumps(seen, indent=2) + "\n").encode())


def read_centre(keys: Path) -> str | None:
    """The centre that the folder of keys belongs to; None at the installation. Raises UserError if the file is damaged."""
    path = keys / KeyFile.CENTRE
    if not path.exists():
        return None
    try:
        name = read_limited(path, LIMIT).decode().strip()
    except (OSError, ValueError):
        name = ""
    if not name:
        raise UserError(
            "It does not say which centre's keys these are.",
            str(path),
            "Write the centre's name into it, such as oslo.",
        )
    return name
