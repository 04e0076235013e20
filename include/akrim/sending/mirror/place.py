"""Where the mirror lies: a folder, a bucket or a server, by one connection."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from akrim.deliveries.inbox import read_limited, storage
from akrim.errors import UserError
from akrim.sending.writing import reaching, write
from akrim.settings import get_settings

MAX_BYTES = 1 << 28
# What storages call the time at which a file was written.
WRITTEN = ("LastModified", "mtime", "last_modified", "updated", "created")

LOCAL = {"", "file", "local"}

Lying = dict[str, dict[str, Any]]


class Place:
    """The files at an address, by their paths below it; raises SaidError where the storage fails or is shut."""

    def __init__(self, address: str) -> None:
        self.address = address
        # A local path is made whole, since listings name files so.
        self.root = storage(address if "://" in address else str(Path(address).absolute()))
        if self.root.protocol in LOCAL:
            _require_elsewhere(Path(self.root.path).resolve())

    def lying(self) -> Lying:
        """What the storage tells of each file; nothing where nothing lies there."""
        top = str(self.root.path).strip("/")
        with reaching(self.root, self.address):
            try:
                # fsspec's own search takes a server's listing that broke off for a short one; a bucket's is one request.
                found = list(
                    self.root.fs.find(self.root.path, detail=True).values()
                    if self.root.drive
                    else _walk(self.root.fs, self.root.path)
                )
            except FileNotFoundError:
                return {}
        return {info["name"].strip("/").removeprefix(top).strip("/"): info for info in found}

    def read(self, path: str) -> bytes:
        """The file's bytes; nothing where it is not there."""
        with reaching(self.root, self.address):
            return read_limited(self.root / path, MAX_BYTES) or b""

    def digest(self, path: str) -> str:
        with reaching(self.root, self.address), (self.root / path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def remove(self, path: str) -> None:
        with reaching(self.root, self.address):
            (self.root / path).unlink(missing_ok=True)

    def send(self, path: str, source: IO[bytes]) -> None:
        """Write the file: it appears whole or not at all."""
        place = self.root / path
        write(place.parent, place.name, source, self.address)


def written(info: dict[str, Any]) -> Any:
    """When a file was written, by the storage's clock; to be compared with others of the same storage alone."""
    return next((info[name] for name in WRITTEN if name in info), 0)


def _require_elsewhere(folder: Path) -> None:
    """Raises UserError where the mirror would take away what it is a mirror of."""
    settings = get_settings()
    if any(folder.is_relative_to(own) for own in (settings.home, settings.releases_path.resolve())):
        raise UserError("The mirror lies in the home folder itself.", str(folder), "Name a folder elsewhere.")


def _walk(fs: Any, folder: str) -> Iterator[dict[str, Any]]:
    for info in fs.ls(folder, detail=True):
        if info["type"] == "directory":
            yield from _walk(fs, info["name"])
        else:
            yield info
