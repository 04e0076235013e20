"""Private folders for what a process makes on its way: removed at the end, and by the next process of the kind where one was killed."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# A folder this young may not have been locked yet.
GRACE_SECONDS = 60


@contextmanager
def scratch_folder(kind: str, within: str = "") -> Iterator[Path]:
    """A private folder, locked while in use; those of its kind that killed processes left hold personal data and are removed.

    Args:
        kind: what its name begins with.
        within: the folder that it lies in; by default the one for temporary files.
    """
    within = within or tempfile.gettempdir()
    remove_abandoned(kind, within)
    with tempfile.TemporaryDirectory(prefix=kind, dir=within) as name, _locked(Path(name)):
        yield Path(name)


def remove_abandoned(kind: str, within: str) -> None:
    """Remove the folders of this kind that killed processes left."""
    for folder in Path(within).glob(f"{kind}*"):
        with suppress(OSError):
            _remove_if_abandoned(folder)


def _remove_if_abandoned(folder: Path) -> None:
    """Raises OSError if it is in use or already gone."""
    seen = folder.stat()
    if seen.st_uid == os.getuid() and time.time() - seen.st_mtime > GRACE_SECONDS:
        with _locked(folder):
            shutil.rmtree(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
