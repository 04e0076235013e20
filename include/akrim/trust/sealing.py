"""One centre's part of a release as one file that only that centre can open: a tar inside an age file.

The tar is the same bytes each time; age is random by design. Both work on streams of any size.
"""

import io
import tarfile
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyrage

from akrim.errors import UserError
from akrim.trust import signing
from akrim.trust.refusal import Refused

IDENTITY, RECIPIENT = "identity.txt", "recipient.txt"
# The time of files in an archive that belongs to no cut-off date.
FIRST_DAY = date(1980, 1, 1)
CHUNK = 64 * 1024
TAG = 16
DEMO_MARK = "# DEMO KEY for synthetic data. Whoever has this installation has it; never use it for persons."


def create_identity(folder: Path, mark: str = "") -> str:
    """Write a centre's new secret key before its older ones, and the public part to send; returns the public part."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    path = folder / IDENTITY
    before = path.read_text("utf-8") if path.is_file() else ""
    fresh = folder / f"{IDENTITY}.new"
    fresh.unlink(missing_ok=True)
    head = f"{mark}\n" if mark else ""
    signing.write_private(fresh, f"{head}# public key: {public}\n{identity}\n{before}".encode())
    fresh.replace(path)
    (folder / RECIPIENT).write_text(f"{public}\n", "utf-8")
    (folder / RECIPIENT).chmod(0o600)
    return public


def read_recipients(path: Path) -> list[str]:
    """The public keys in a file, one a line; raises UserError where a line is none."""
    keys = [
        line.split()[0] for line in path.read_text("utf-8").splitlines() if line.strip() and line[0] != "#"
    ]
    for key in keys:
        check_recipient(key, str(path))
    return keys


def check_recipient(key: str, where: str) -> None:
    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        raise UserError(
            f"{key[:16]!r}… is no age public key.",
            where,
            "A key begins with age1; ask the centre for its recipient.txt.",
        ) from None


def read_identities(path: Path) -> list[pyrage.x25519.Identity]:
    try:
        lines = path.read_text("utf-8").splitlines()
        return [
            pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.strip() and line[0] != "#"
        ]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        raise UserError(
            "There is no age secret key to open it with.",
            str(path),
            "Name the centre's folder of keys: --keys FOLDER.",
        ) from None


def pack(folder: Path, name: str, day: date, target: IO[bytes]) -> None:
    """Write the folder's files as a tar, under `name`/; owner, modes and times are the same everywhere."""
    time = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = tarfile.TarInfo(f"{name}/{path.relative_to(folder).as_posix()}")
            entry.size, entry.mtime, entry.mode = path.stat().st_size, time, 0o600
            with path.open("rb") as file:
                archive.addfile(entry, file)


def seal(plain: IO[bytes], target: IO[bytes], recipients: list[str]) -> None:
    """Encrypt the stream for each of the public keys."""
    pyrage.encrypt_io(plain, target, [pyrage.x25519.Recipient.from_str(key) for key in recipients])


def unseal(sealed: Path, identities: list[pyrage.x25519.Identity], target: IO[bytes]) -> None:
    """Decrypt the file; raises Refused where it is not for these keys, cut short or altered."""
    written = _Counting(target)
    with sealed.open("rb") as file:
        try:
            pyrage.decrypt_io(file, written, identities)
        except pyrage.DecryptError as error:
            raise _header_refused(str(error), sealed) from None
        except OSError:
            raise _payload_refused(sealed, written.count) from None


def unpack(archive: IO[bytes], folder: Path, where: str) -> None:
    """Write the tar's plain files below the folder; raises Refused for anything that would lie outside or is no file."""
    try:
        with tarfile.open(fileobj=archive, mode="r:") as tar:
            for entry in tar:
                _write(tar, entry, folder, where)
    except tarfile.TarError as error:
        raise Refused("altered", f"What was sealed is no archive: {error}.", where) from None


def _write(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path, where: str) -> None:
    name = PurePosixPath(entry.name)
    target = folder.joinpath(*name.parts)
    is_inside = (
        not name.is_absolute() and ".." not in name.parts and "\\" not in entry.name and len(name.parts) > 0
    )
    content = tar.extractfile(entry) if entry.isreg() else None
    if not is_inside or content is None or target.exists():
        raise Refused(
            "outside",
            f"The archive holds {entry.name[:80]!r}, which is no plain file of its own in its folder.",
            where,
        )
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    signing.write_private(target, b"")
    with target.open("wb") as file:
        while block := content.read(CHUNK):
            file.write(block)


def _header_refused(told: str, sealed: Path) -> Refused:
    if "matching keys" in told:
        return Refused(
            "sealed_for_others",
            "It is sealed for other keys than these: for another centre, or for a key that was changed since.",
            str(sealed),
            "Name the folder of keys of the centre that it is for: --keys FOLDER.",
        )
    if "whole buffer" in told or "Incomplete" in told:
        return Refused(
            "truncated", "It is cut short: not even its beginning is whole.", str(sealed), "Fetch it again."
        )
    if "MAC" in told:
        return Refused(
            "altered",
            "It was altered on the way: its beginning does not fit.",
            str(sealed),
            "Fetch it again.",
        )
    return Refused(
        "not_sealed", "This is no file that was sealed with age.", str(sealed), "Name a .tar.age file."
    )


def _payload_refused(sealed: Path, written: int) -> Refused:
    """The part that failed is the file's last one where it is cut short: age marks the true last part."""
    head = sealed.open("rb").read(CHUNK)
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


class _Counting(io.RawIOBase):
    """Passes on what is written and counts it: how far a decryption came tells what is wrong with the file."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target = target
        self.count = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.count += len(data)
        return self.target.write(data)
