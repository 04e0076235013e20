"""A private copy of one delivery's files, made while they are hashed: what was verified is what is loaded."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from akrim.contracts import load_contracts
from akrim.deliveries.inbox.files import CHUNK, MANIFEST, entries, is_file, is_late, open_plain
from akrim.deliveries.inbox.listing import ELEVEN_DIGITS, Arrival
from akrim.deliveries.inbox.manifest import DeclaredFile, Manifest, some_names
from akrim.deliveries.outcome import Refusal
from akrim.full_disk import full_disk
from akrim.settings import get_settings

MAX_NAME_BYTES = 255
MASKED = "*" * 11  # what a person number in a manifest is by now


def spool(arrival: Arrival, manifest: Manifest, target: Path) -> dict[str, Path]:
    """Copy the declared files to `target`; returns path by extract.

    Raises Refusal where one is not as declared, StorageFailed where a storage broke off, which is for the next run.
    """
    try:
        return _spool(arrival, manifest, target)
    except OSError as error:
        if full_disk(error):
            error.filename = error.filename or str(target)
            raise  # nothing is wrong with the delivery: it is for the next run
        raise Refusal(
            "file_missing",
            f"The delivery cannot be read as it lies there ({type(error).__name__}): it was moved or changed"
            " meanwhile, or may not be read.",
        ) from None


def _spool(arrival: Arrival, manifest: Manifest, target: Path) -> dict[str, Path]:
    check_own(arrival)
    sources = (
        {file.name: arrival.path for file in manifest.files}
        if arrival.is_form
        else _sources(arrival, manifest)
    )
    paths = {file.extract: target / str(number) for number, file in enumerate(manifest.files)}
    most_bytes = max(extract.largest_file_bytes for extract in load_contracts()[manifest.agency].extracts)
    copies = {
        file.extract: _copy(sources[file.name], paths[file.extract], file, most_bytes)
        for file in manifest.files
    }
    _check_copies(manifest, copies)
    return paths


def check_own(arrival: Arrival) -> None:
    """Raises Refusal where the delivery or its manifest is a link to elsewhere, which can change unseen, or a form is no plain file."""
    if isinstance(arrival.path, Path) and arrival.path.is_symlink():
        raise Refusal("bad_file_name", "The delivery is a link, not a folder or a file of its own.")
    if not arrival.is_form and isinstance(arrival.path, Path) and (arrival.path / MANIFEST).is_symlink():
        raise Refusal("bad_file_name", f"{MANIFEST} is a link, not a file of the delivery's own.")
    if arrival.is_form and not is_file(arrival.path):
        raise Refusal("bad_file_name", "A decision form is a plain file; this is none.")


def _sources(arrival: Arrival, manifest: Manifest) -> dict[str, Any]:
    """The declared files by name, in the delivery's folder."""
    for file in manifest.files:
        check_name(arrival.path, file.name)
    present = {path.name for path in entries(arrival.path)}
    unlisted = [file.name for file in manifest.files if file.name not in present]
    missing = sorted(name for name in unlisted if not is_late(arrival.path / name))
    if missing:
        raise Refusal("file_missing", f"Declared but not in the folder: {some_names(missing)}.")
    return {file.name: arrival.path / file.name for file in manifest.files}


def check_name(folder: Any, name: str) -> None:
    """Raises Refusal where it is no plain name of a file in that folder: a path, a link, the manifest's own, what cannot be seen.

    Names of files stand in logs and receipts, so that none may hold what can be a person number.
    """
    if ELEVEN_DIGITS.search(name) or MASKED in name:
        raise Refusal(
            "bad_file_name",
            "A file's name has eleven digits in a row, as person numbers have; it is not told here.",
        )
    is_plain = name not in ("", ".", "..", MANIFEST) and not set(name) & set("/\\\0") and name.isprintable()
    is_plain = is_plain and len(name.encode()) <= MAX_NAME_BYTES and not (folder / name).is_symlink()
    if not is_plain:
        raise Refusal("bad_file_name", f"{name[:80]!r} is not a plain file name in the delivery's folder.")


@dataclass(frozen=True)
class _Copied:
    """How far a file was copied: `size` stops just beyond what was declared, or beyond any contract's limit."""

    size: int
    sha256: str
    is_too_large: bool


def _copy(source: Any, target: Path, declared: DeclaredFile, most_bytes: int) -> _Copied:
    digest = hashlib.sha256()
    size = 0
    if not is_file(source):
        raise Refusal("file_missing", f"{declared.name} is no file.")
    with open_plain(source) as incoming, target.open("wb") as copy:
        while size <= min(declared.bytes, most_bytes) and (chunk := incoming.read(CHUNK)):
            size += len(chunk)
            digest.update(chunk)
            copy.write(chunk)
    return _Copied(size, digest.hexdigest(), declared.bytes >= size > most_bytes)


def _check_copies(manifest: Manifest, copies: dict[str, _Copied]) -> None:
    """Whether the copies are as declared; of one that is too large, and was cut, its reader says that it is."""
    whole = [file for file in manifest.files if not copies[file.extract].is_too_large]
    for file in whole:
        size = copies[file.extract].size
        if size != file.bytes:
            found = f"{size} bytes" if size < file.bytes else "more"
            raise Refusal("bytes_mismatch", f"{file.name} has {found}; {file.bytes} bytes are declared.")
    for file in whole:
        if copies[file.extract].sha256 != file.sha256:
            raise Refusal(
                "sha256_mismatch", f"{file.name} is not the file that was declared: its SHA-256 differs."
            )


def changed_files(arrival: Arrival, manifest: Manifest) -> list[str]:
    """The declared files that do not lie in the folder as declared; of one that may not be read nobody can say so."""
    return [file.name for file in manifest.files if _is_changed(arrival.path, file)]


def _is_changed(folder: Any, declared: DeclaredFile) -> bool:
    try:
        check_name(folder, declared.name)
        lying = folder / declared.name
        if not is_file(lying) and not is_late(lying):
            return True
        found = _copy(lying, Path(os.devnull), declared, declared.bytes)
    except PermissionError:
        return False
    except (Refusal, OSError):
        return True
    return (found.size, found.sha256) != (declared.bytes, declared.sha256)


@contextmanager
def spool_folder(name: str) -> Iterator[Path]:
    """An empty folder for the owner alone, whatever a killed run left there; gone when the block ends."""
    folder = get_settings().home / "spool" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
