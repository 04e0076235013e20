"""A centre's age keys: the secret ones that open what was sealed for it, and the public ones to seal with."""

from pathlib import Path

import pyrage

from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.trust.documents import read_limited
from akrim.trust.keyring.names import KeyFile

LIMIT = 64 * 1024  # of a file of keys
DEMO_MARK = "# DEMO KEY for synthetic data. Whoever has this installation has it; never use it for persons."


def create_identity(folder: Path, mark: str = "") -> str:
    """Write a centre's new secret key in front of its older ones, and its public key, which is returned."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    path = folder / KeyFile.IDENTITY
    before = path.read_bytes() if path.is_file() else b""
    head = f"{mark}\n" if mark else ""
    write_whole(path, f"{head}# public key: {public}\n{identity}\n".encode() + before)
    write_whole(folder / KeyFile.RECIPIENT, f"{public}\n".encode())
    return public


def read_recipients(path: Path) -> list[str]:
    """The public keys in a file, one per line; raises UserError if there is none or a line is not one."""
    try:
        lines = read_limited(path, LIMIT).decode().splitlines()
    except (OSError, ValueError):
        lines = ["?"]
    keys = [line.split()[0] for line in lines if line.strip() and line[0] != "#"]
    for key in keys:
        try:
            pyrage.x25519.Recipient.from_str(key)
        except pyrage.RecipientError:
            raise UserError(
                f"{key[:16]!r}… is no age public key.",
                str(path),
                "A key begins with age1; ask the centre for its recipient.txt.",
            ) from None
    if not keys:
        raise UserError("There is no public key in it.", str(path), "Ask the centre for its recipient.txt.")
    return keys


def read_identities(path: Path) -> list[pyrage.x25519.Identity]:
    """A centre's secret keys, newest first; raises UserError if the file is missing, empty or damaged."""
    try:
        lines = read_limited(path, LIMIT).decode().splitlines()
        found = [
            pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.strip() and line[0] != "#"
        ]
    except (OSError, ValueError, pyrage.IdentityError):
        found = []
    if not found:
        raise UserError(
            "There is no age secret key to open it with.",
            str(path),
            "Name the centre's folder of keys: --keys FOLDER.",
        )
    return found
