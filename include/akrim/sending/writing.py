"""Writes files into a storage, be it a folder, a bucket or a server: each appears complete or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from akrim.deliveries.inbox import answering
from akrim.texts.errors import SaidError

BLOCK = 1 << 20


def write(folder: Any, name: str, source: IO[bytes], address: str) -> None:
    """Write a file under a temporary name, then rename it; makes its folder.

    Args:
        address: the setting's, to be told where it fails.
    """
    with reaching(folder, address):
        _make(folder)
        partial = folder / partial_name(name)
        with partial.open("wb") as target:
            shutil.copyfileobj(source, target, BLOCK)
        if isinstance(partial, Path):
            partial.chmod(0o600)
            partial.replace(folder / name)
        else:
            partial.fs.mv(partial.path, (folder / name).path)


def partial_name(name: str) -> str:
    """What a file is called until it is whole."""
    return f".{name}.part"


@contextmanager
def reaching(path: Any, address: str) -> Iterator[None]:
    """Tells in our own words of a storage that fails, has no such bucket, or may not be used so.

    Whatever a local path raises is raised as it is.
    """
    try:
        with answering(path, address):
            yield
    except (FileNotFoundError, PermissionError) as error:
        if isinstance(path, Path):
            raise
        code = "storage_shut" if isinstance(error, PermissionError) else "bucket_not_there"
        raise SaidError(code, address) from None


def _make(folder: Any) -> None:
    if not isinstance(folder, Path) and folder.drive:
        # A bucket that is not there is a wrong address, not one to be made.
        folder.fs.mkdir(folder.path, create_parents=False)
    elif not isinstance(folder, Path):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not folder.is_dir():
        _make(folder.parent)  # by itself, so that it is its owner's alone too
        folder.mkdir(mode=0o700, exist_ok=True)
