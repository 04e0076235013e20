"""Where the embedded server has its socket: in its own folder, or in a private one where a path is too long or read otherwise by others."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from akrim.errors import UserError

MAX_LENGTH = 90
SYSTEMS_TEMPORARY = Path("/tmp")  # noqa: S108  # a private folder is made in it
# Where postmaster.pid says in which folder the socket is.
SOCKET_LINE = 4
# What shells, addresses and lists of hosts take for nothing but itself: the folder goes through all of them.
PLAIN_PATH = re.compile(r"[\w/.+-]+")


def socket_folder_of(folder: Path) -> Path:
    """Where the server that runs under `folder` listens, as it says: it may have been started by other variables than ours."""
    try:
        return Path((folder / "data" / "postmaster.pid").read_text().splitlines()[SOCKET_LINE])
    except (OSError, IndexError):  # its home was removed
        return new_socket_folder(folder)


def new_socket_folder(folder: Path) -> Path:
    """The server's own folder, or a private one under the temporary folder where its path is too long or not plain.

    Where that of the temporary folder which the environment names is so too, it is the system's. Raises UserError where it is open to others.
    """
    name = f"akrim-{os.geteuid()}-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    *before, private = folder, Path(tempfile.gettempdir()) / name, SYSTEMS_TEMPORARY / name
    private = next(filter(_can_be_one, before), private)
    if private == folder:
        return folder
    private.mkdir(mode=0o700, exist_ok=True)
    state = private.lstat()
    if state.st_uid != os.geteuid() or state.st_mode & 0o077 or private.is_symlink():
        raise UserError(
            "The folder for the database's socket belongs to somebody else or is open to others.",
            str(private),
            "Remove it, or choose a shorter AKRIM_HOME.",
        )
    return private


def _can_be_one(folder: Path) -> bool:
    return len(str(folder)) <= MAX_LENGTH and PLAIN_PATH.fullmatch(str(folder)) is not None
