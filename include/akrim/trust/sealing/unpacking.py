"""Extracts a sealed archive's regular files into a folder. Anybody can seal one, so nothing in it is trusted.

An archive has only what `pack` writes: regular files with one header of 512 bytes each. So no entry can claim
more bytes than the archive has, and nothing is written before every name in it has been checked.
"""

import os
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from akrim.trust.documents import is_plain_name
from akrim.trust.refusal import CALL, Refused

CHUNK = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """How much one sealed archive may hold; usual ones have some hundred files and some hundred megabytes."""

    entries: int = 10_000
    bytes: int = 8 * 1024**3


LIMITS = Limits()


def unpack(archive: IO[bytes], folder: Path, where: str, limits: Limits = LIMITS) -> None:
    """Write the archive's files below the folder, readable by their owner alone.

    Raises Refused, with nothing written, if an entry is not a regular file of a unique plain name, or if there is too much.
    """
    size = archive.seek(0, os.SEEK_END)
    if size > limits.bytes:
        raise too_large(where, f"{size:,} bytes")
    entries = _entries(archive, size, where, limits)
    _check_names(entries, where)
    for entry in entries:
        _write(archive, entry, folder / entry.name)


def too_large(where: str, what: str) -> Refused:
    """The refusal of an archive larger than any release."""
    return Refused(
        "too_large",
        f"The archive holds {what}, more than any release does.",
        where,
        CALL,
    )


def _entries(archive: IO[bytes], size: int, where: str, limits: Limits) -> list[tarfile.TarInfo]:
    found: list[tarfile.TarInfo] = []
    place = 0
    while place < size:
        archive.seek(place)
        header = archive.read(tarfile.BLOCKSIZE)
        if header == bytes(tarfile.BLOCKSIZE):
            break
        entry = _header(header, where)
        if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or not is_plain_name(entry.name):
            raise _not_a_plain_file(entry.name, where)
        entry.offset_data = place + tarfile.BLOCKSIZE
        if not 0 <= entry.size <= size - entry.offset_data:
            raise Refused("altered", "What was sealed is no whole archive: a file is cut short.", where)
        found.append(entry)
        if len(found) > limits.entries:
            raise too_large(where, f"more than {limits.entries:,} files")
        place = entry.offset_data + -(-entry.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    return found


def _header(raw: bytes, where: str) -> tarfile.TarInfo:
    try:
        return tarfile.TarInfo.frombuf(raw, "utf-8", "surrogateescape")
    except tarfile.TarError as error:
        raise Refused("altered", f"What was sealed is no archive: {error}.", where) from None


def _check_names(entries: list[tarfile.TarInfo], where: str) -> None:
    """No two files may have one name, on any file system, and no file may be where a folder is needed."""
    names: set[str] = set()
    for entry in entries:
        if entry.name.casefold() in names:
            raise _not_a_plain_file(entry.name, where)
        names.add(entry.name.casefold())
    for entry in entries:
        parts = entry.name.casefold().split("/")
        if any("/".join(parts[:length]) in names for length in range(1, len(parts))):
            raise _not_a_plain_file(entry.name, where)


def _not_a_plain_file(name: str, where: str) -> Refused:
    return Refused(
        "outside",
        f"The archive holds {name[:80]!a}, which is no plain file of its own in its folder.",
        where,
        CALL,
    )


def _write(archive: IO[bytes], entry: tarfile.TarInfo, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    archive.seek(entry.offset_data)
    left = entry.size
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while block := archive.read(min(CHUNK, left)):
            file.write(block)
            left -= len(block)
