"""What may be read of an inbox without waiting or ending elsewhere.

An inbox is a local folder or any address that Airflow's ObjectStoragePath reads (`s3://`, `sftp://` …).
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from upath import UPath

from akrim.errors import UserError
from akrim.trust import Suffix

MANIFEST = "manifest.json"
SIGNATURE = f"{MANIFEST}{Suffix.SIGNATURE}"
CHUNK = 1024 * 1024
MAX_MANIFEST_BYTES = 4 * CHUNK


def storage(address: str) -> Any:
    """A local path; for an address, one with Airflow's connections where a provider knows its scheme, else fsspec's."""
    if "://" not in address:
        return UPath(address)
    from airflow.sdk import ObjectStoragePath  # takes seconds to import, so only where an address needs it

    try:
        path: Any = ObjectStoragePath(address)
        _ = path.fs
    except ValueError:
        return _plain_storage(address)
    return path


def _plain_storage(address: str) -> Any:
    try:
        path = UPath(address)
        _ = path.fs
    except (ImportError, ValueError) as error:
        scheme = address.partition("://")[0]
        raise UserError(
            f"No storage of the kind {scheme} is installed: {error}",
            address,
            "Install its Airflow provider or fsspec package beside akrim, such as s3fs.",
        ) from None
    return path


def read_limited(path: Any, limit: int = MAX_MANIFEST_BYTES) -> bytes | None:
    """The file's bytes, or None where there is no plain file; nothing where it is too large or may not be read."""
    try:
        if not path.is_file():
            return None
        with open_plain(path) as file:
            raw = file.read(limit + 1)
    except FileNotFoundError:
        return None
    except OSError:
        return b""
    return raw if len(raw) <= limit else b""


@contextmanager
def open_plain(path: Any) -> Iterator[BinaryIO]:
    """A plain file opened for reading, which never waits for anybody; raises OSError where it is a pipe or a device.

    What it is, is asked again of what was opened: the name may have been given to something else meanwhile.
    """
    if not isinstance(path, Path):  # a storage's address: nothing but files have content there
        with path.open("rb") as file:
            yield file
        return
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError("no plain file")
        yield opened
