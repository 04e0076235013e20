"""Files that are there whole or not at all, for their owner alone: keys, recipients, and whatever a later run relies on.

The content is written aside and reaches the disk before it gets its name, so neither a full disk nor a lost machine
leaves an empty or half a file under it.
"""

import errno
import os
import shlex
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from akrim.errors import UserError


def write_whole(path: Path, content: bytes) -> None:
    """Write the file, in place of one that is there; raises OSError, which names it, and changes nothing where it fails."""
    # Under an administrator's hands it would take a device's place for everybody.
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "It is a device or a pipe, and no file", str(path))
    _write(path, content, os.replace)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet; raises FileExistsError, or another OSError, where it fails."""
    _write(path, content, _link)


def is_there(path: Path) -> bool:
    """Whether anything bears the name: a link to nowhere is a file that was lost, and not none. Raises OSError where that cannot be told."""
    return path.exists() or path.is_symlink()


def require_private(path: Path) -> None:
    """Raises UserError where others on this machine may read or change a secret file."""
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise UserError(
            "A secret key is open to other users of this machine.",
            str(path),
            f"If nobody can have copied it: chmod 600 {shlex.quote(str(path))}. If somebody can, replace it: akrim keys --help",
        )


def _write(path: Path, content: bytes, name: Callable[[Path, Path], None]) -> None:
    aside: Path | None = None
    try:
        number, made = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # its mode is 0600
        aside = Path(made)
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        name(aside, path)
        _flush_folder(path.parent)
    except OSError as error:
        if not isinstance(error, FileExistsError):
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)


def _link(aside: Path, path: Path) -> None:
    try:
        os.link(aside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as that of a memory stick
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        aside.replace(path)


def _flush_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
