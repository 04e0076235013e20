"""Reads an inbox without waiting for anybody or being led out of it.

An inbox is a local folder or any address that Airflow's ObjectStoragePath or fsspec reads (`s3://`, `sftp://` …).
"""

import errno
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from upath import UPath

from akrim.errors import Unreachable, UserError
from akrim.full_disk import full_disk
from akrim.settings import check_storage_address
from akrim.texts.errors import SaidError
from akrim.trust import Suffix

MANIFEST = "manifest.json"
SIGNATURE = f"{MANIFEST}{Suffix.SIGNATURE}"
CHUNK = 1024 * 1024
MAX_MANIFEST_BYTES = 4 * CHUNK
# What the clients of S3 and SFTP raise where they are not let in.
NOT_LET_IN = {
    "AuthenticationException",
    "BadAuthenticationType",
    "NoCredentialsError",
    "PartialCredentialsError",
}
# Their loggers tell of each connection, which Airflow's set-up of logs writes among what a command prints.
CLIENTS = ("aiobotocore", "botocore", "paramiko")
# What the system says of a mounted storage that is away or broke off, or of a disk: nothing of the file itself.
BROKE_OFF = {
    errno.EIO,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.ENOTCONN,
    errno.ECONNRESET,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.EREMOTEIO,
}


class StorageFailed(SaidError, Unreachable):
    """A storage that does not answer, or broke off. That says nothing of what lies there: the next run asks again."""


def storage(address: str) -> Any:
    """A local path; for an address, one with Airflow's connections where a provider knows its scheme, else fsspec's.

    What the storage's client remembers of an earlier look is forgotten.
    """
    if "://" not in address:
        return UPath(address)
    try:
        check_storage_address(address)
    except ValueError as error:
        raise UserError(str(error), address.partition("://")[0] + "://…", "See docs/engineers.md.") from None
    from airflow.sdk import ObjectStoragePath  # takes seconds to import, so only where an address needs it

    for client in CLIENTS:
        logging.getLogger(client).setLevel(logging.WARNING)
    try:
        path: Any = ObjectStoragePath(address)
        _ = path.fs
    except ValueError:
        path = _plain_storage(address)
    path.fs.invalidate_cache()
    return path


def _plain_storage(address: str) -> Any:
    scheme = address.partition("://")[0]
    try:
        if scheme in {"sftp", "ssh"}:
            from akrim.deliveries.inbox.known_hosts import use_known_hosts

            use_known_hosts()
        # One more connection is cheaper than one that broke off long ago and is still taken for good.
        path = UPath(address, skip_instance_cache=True)
        with answering(path, address):
            _ = path.fs
    except (ImportError, ValueError) as error:
        raise UserError(
            f"No storage of the kind {scheme} is installed: {error}",
            address,
            "Install it beside akrim: pip install 'akrim[s3]', 'akrim[sftp]', or its Airflow provider or fsspec package.",
        ) from None
    return path


@contextmanager
def answering(path: Any, address: str = "") -> Iterator[None]:
    """Reports a storage that fails in our own words: its client's may contain credentials.

    That something is not there, or may not be read, is raised as it is, and so is what a local path raises of itself.

    Raises StorageFailed where it does not answer, SaidError where it lets nobody in.
    """
    try:
        yield
    except (FileNotFoundError, PermissionError, UserError, ImportError, ValueError):
        raise
    except Exception as error:
        is_local, fault = isinstance(path, Path), getattr(error, "errno", 0)
        if full_disk(error) or (is_local and fault not in BROKE_OFF):
            raise
        # Names of files are left out too: a sender may have written anything in them.
        where = address or ("a mounted folder, such as AKRIM_INBOX" if is_local else f"{path.protocol}://…")
        kind = errno.errorcode[fault] if is_local else type(error).__name__
        if kind in NOT_LET_IN:
            raise SaidError("storage_shut", where) from None
        raise StorageFailed("storage_failed", where, kind=kind) from None


def entries(folder: Any, address: str = "") -> list[Any]:
    """What lies in a folder; raises OSError where that is a file, is not there, or may not be listed.

    Args:
        address: the folder's, to be told where it fails; of a folder within it nothing is told.
    """
    with answering(folder, address):
        if isinstance(folder, Path):
            return list(folder.iterdir())
        listed = folder.fs.ls(folder.path, detail=False)
    # A bucket may hold an empty object that stands for the folder itself.
    names = {
        name.rstrip("/").rpartition("/")[2] for name in listed if name.strip("/") != folder.path.strip("/")
    }
    return [folder / name for name in names]


def is_folder(path: Any) -> bool:
    """Whether it is a folder; not one where that may not be asked."""
    try:
        return _is(path, "directory")
    except OSError:
        return False


def is_file(path: Any) -> bool:
    """Whether it is a file; raises OSError where that may not be asked."""
    return _is(path, "file")


def is_late(path: Any) -> bool:
    """Whether a file lies there that a listing lacked: a storage may list late what is there already."""
    if isinstance(path, Path):
        return False
    path.fs.invalidate_cache()
    return is_file(path)


def _is(path: Any, kind: str) -> bool:
    """Asked of a storage itself: its client's own question takes a connection that broke off for a no."""
    try:
        with answering(path):
            if isinstance(path, Path):
                return bool(path.is_dir() if kind == "directory" else path.is_file())
            return bool(path.fs.info(path.path)["type"] == kind)
    except FileNotFoundError:
        return False


def read_limited(path: Any, limit: int = MAX_MANIFEST_BYTES) -> bytes | None:
    """The file's bytes, or None where there is no plain file; nothing where it is too large or may not be read."""
    try:
        if not is_file(path):
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
        with answering(path), path.open("rb") as file:
            yield file
        return
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    with answering(path), os.fdopen(os.open(path, flags), "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError("no plain file")
        yield opened
