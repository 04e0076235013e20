"""Seals one centre's part of a release: a tar inside an age file that only that centre can open.

The tar has the same bytes each time; age is random by design. Both work on streams of any size.
"""

import tarfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

import pyrage

from akrim.errors import UserError
from akrim.trust.documents import is_plain_name
from akrim.trust.refusal import Refused
from akrim.trust.sealing.unpacking import LIMITS, Limits, too_large

# The time of files in an archive without a cut-off date.
FIRST_DAY = date(1980, 1, 1)
CHUNK = 64 * 1024
TAG = 16
# A header has some hundred bytes per key, then the first chunk of content must follow.
MAX_HEADER_BYTES = 4 * CHUNK


def pack(folder: Path, name: str, day: date, target: IO[bytes], limits: Limits = LIMITS) -> None:
    """Write the folder's files as a tar, under `name`/, with constant owners, modes and times.

    Raises UserError for what `unpack` would refuse at the centre.
    """
    time = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    files = {
        f"{name}/{p.relative_to(folder).as_posix()}": p for p in sorted(folder.rglob("*")) if p.is_file()
    }
    wrong = [name for name in files if not is_plain_name(name)]
    if wrong:
        raise UserError(
            f"A file cannot be sent under its name {wrong[0][:80]!a}.", str(folder), "Name it anew."
        )
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for entry_name, path in files.items():
            entry = tarfile.TarInfo(entry_name)
            entry.size, entry.mtime, entry.mode = path.stat().st_size, time, 0o600
            with path.open("rb") as file:
                archive.addfile(entry, file)
    if len(files) > limits.entries or target.tell() > limits.bytes:
        raise UserError(
            f"{name} has {len(files):,} files and {target.tell():,} bytes: no centre could open it.",
            str(folder),
            f"A sealed archive may hold {limits.entries:,} files and {limits.bytes:,} bytes.",
        )


def seal(plain: IO[bytes], target: IO[bytes], recipients: list[str]) -> None:
    """Encrypt the stream for each of the public keys."""
    pyrage.encrypt_io(plain, target, [pyrage.x25519.Recipient.from_str(key) for key in recipients])


def unseal(
    sealed: Path, identities: list[pyrage.x25519.Identity], target: IO[bytes], limits: Limits = LIMITS
) -> None:
    """Decrypt the file; raises Refused if it is not for these keys, truncated, altered or too large."""
    if not sealed.is_file():  # a pipe could block, a device never end
        raise _not_sealed(sealed)
    with sealed.open("rb") as file:
        decryption = _Decryption(file, target, limits.bytes)
        try:
            pyrage.decrypt_io(decryption, decryption, identities)
        except (pyrage.DecryptError, OSError) as error:
            if decryption.has_no_header:
                raise _not_sealed(sealed) from None
            if decryption.written > limits.bytes:
                raise too_large(str(sealed), f"more than {limits.bytes:,} bytes") from None
            if decryption.failure is not None:
                raise decryption.failure from None
            if isinstance(error, pyrage.DecryptError):
                raise _header_refused(str(error), sealed) from None
            raise _payload_refused(sealed, decryption.written) from None


def _header_refused(message: str, sealed: Path) -> Refused:
    if "matching keys" in message:
        return Refused(
            "sealed_for_others",
            "It is sealed for other keys than these: for another centre, or for a key that was changed since.",
            str(sealed),
            "Name the folder of keys of the centre that it is for: --keys FOLDER.",
        )
    if "whole buffer" in message or "Incomplete" in message:
        return Refused(
            "truncated", "It is cut short: not even its beginning is whole.", str(sealed), "Fetch it again."
        )
    if "MAC" in message:
        return Refused(
            "altered",
            "It was altered on the way: its beginning does not fit.",
            str(sealed),
            "Fetch it again.",
        )
    return _not_sealed(sealed)


def _not_sealed(sealed: Path) -> Refused:
    return Refused(
        "not_sealed", "This is no file that was sealed with age.", str(sealed), "Name a .tar.age file."
    )


def _payload_refused(sealed: Path, written: int) -> Refused:
    """A truncated file fails at its last chunk, since age marks the true last chunk."""
    with sealed.open("rb") as file:
        head = file.read(CHUNK)
    mac = head.find(b"\n--- ")
    start = head.find(b"\n", mac + 1) + 1 + TAG
    failed_at = start + written // CHUNK * (CHUNK + TAG)
    if failed_at + CHUNK + TAG >= sealed.stat().st_size:
        return Refused(
            "truncated",
            "It is cut short, or its end was altered: the last part is not whole.",
            str(sealed),
            "Fetch it again.",
        )
    return Refused(
        "altered", f"It was altered on the way, after {written:,} bytes.", str(sealed), "Fetch it again."
    )


@dataclass
class _Decryption:
    """A running decryption, whose both streams it is: how far it is, and the error if something other than the sealed file stopped it."""

    source: IO[bytes]
    target: IO[bytes]
    limit: int
    taken: int = 0
    written: int = 0
    failure: OSError | None = None

    @property
    def has_no_header(self) -> bool:
        """Whether far more than a header was read and nothing decrypted; parsing on could take hours."""
        return self.written == 0 and self.taken > MAX_HEADER_BYTES

    def read(self, size: int) -> bytes:
        """Of the stream to decrypt; fails if the header does not end."""
        if self.has_no_header:
            raise OSError("The header does not end.")
        try:
            block = self.source.read(size)
        except OSError as error:
            self.failure = error
            raise
        self.taken += len(block)
        return block

    def write(self, data: bytes) -> int:
        """To the stream to decrypt to; keeps the error of a full disk apart from that of an altered file."""
        self.written += len(data)
        if self.written > self.limit:
            raise OSError("More than any release holds.")
        try:
            return self.target.write(data)
        except OSError as error:
            self.failure = error
            raise
