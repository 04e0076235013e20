"""The inbox: which deliveries lie there, and a private copy of one delivery's files.

An inbox is a local folder or any address that Airflow's ObjectStoragePath reads (`s3://`, `sftp://` …). Nothing
in it is ever changed. Files are copied while they are hashed, so what was verified is what is loaded.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from upath import UPath

from akrim.characters import neutral_name
from akrim.contracts import load_contracts
from akrim.deliveries.manifest import DeclaredFile, Manifest
from akrim.deliveries.outcome import Refusal
from akrim.errors import UserError
from akrim.settings import get_settings

MANIFEST = "manifest.json"
SIGNATURE_SUFFIX = ".minisig"
SIGNATURE = f"{MANIFEST}{SIGNATURE_SUFFIX}"
CHUNK = 1024 * 1024
LARGEST_MANIFEST = 4 * CHUNK
LONGEST_NAME = 255
FORM_SUFFIX = ".xlsx"
# Where files are kept, a time of change can be any number; what lies beyond this is no time.
LAST_CHANGE = datetime(2199, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Arrival:
    """A folder (or a returned decision form) seen in the inbox: whose it is and the state it was seen in.

    `agency` and `delivery_id` are the folders' names, neutralised; `path` alone leads to the files.
    """

    agency: str
    delivery_id: str
    path: Any
    fingerprint: str
    last_change: datetime
    is_form: bool = False
    signature: Any = None  # the form's signature beside it, where there is one

    def is_quiet(self) -> bool:
        """Nothing has changed in it for as long as the settings ask."""
        return datetime.now(UTC) - self.last_change > timedelta(minutes=get_settings().quiet_minutes)


def list_inbox(inbox: str) -> list[Arrival]:
    """Every delivery folder and decision form in the inbox, unknown agencies' too, in a fixed order."""
    root = open_inbox(inbox)
    agencies = sorted(
        (p for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")), key=lambda p: p.name
    )
    return [arrival for agency in agencies for arrival in list_agency(agency)]


def list_agency(folder: Any) -> list[Arrival]:
    """One agency's delivery folders, and the decision forms among the centres' own."""
    arrivals = []
    lying = {path.name: path for path in sorted(folder.iterdir(), key=lambda p: p.name)}
    for path in lying.values():
        if path.is_dir():
            if not path.name.startswith("."):
                arrivals.append(_arrival(folder.name, path, sorted(path.iterdir(), key=lambda p: p.name)))
        elif folder.name == "sentrene" and path.name.endswith(FORM_SUFFIX) and path.name[0] not in "~.":
            signature = lying.get(f"{path.name}{SIGNATURE_SUFFIX}")
            arrival = _arrival(folder.name, path, [entry for entry in (path, signature) if entry is not None])
            arrivals.append(replace(arrival, is_form=True, signature=signature))
    return arrivals


def open_inbox(inbox: str) -> Any:
    """The inbox as a path object; raises UserError where there is none."""
    root = storage(inbox)
    if not root.is_dir():
        raise UserError(
            "The inbox is not there.",
            inbox,
            "Give --inbox (or AKRIM_INBOX) the folder that holds the agencies' folders.",
        )
    return root


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


def read_limited(path: Any, limit: int = LARGEST_MANIFEST) -> bytes | None:
    """The file's bytes, or None where there is no such file (or one that no manifest could be as large as)."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        raw: bytes = file.read(limit + 1)
    return raw if len(raw) <= limit else b""


def spool(arrival: Arrival, manifest: Manifest, target: Path) -> dict[str, Path]:
    """Copy the declared files to `target`; raises Refusal where one is not as declared. Returns path by extract."""
    check_own(arrival)
    sources = (
        {file.name: arrival.path for file in manifest.files}
        if arrival.is_form
        else _sources(arrival, manifest)
    )
    copies = {
        file.extract: _copy(sources[file.name], target / str(number), file)
        for number, file in enumerate(manifest.files)
    }
    _check_copies(manifest, copies)
    return {file.extract: target / str(number) for number, file in enumerate(manifest.files)}


def check_own(arrival: Arrival) -> None:
    """Raises Refusal where the delivery is a link to elsewhere, or a form is no plain file."""
    if isinstance(arrival.path, Path) and arrival.path.is_symlink():
        raise Refusal("bad_file_name", "The delivery is a link, not a folder or a file of its own.")
    if arrival.is_form and not arrival.path.is_file():
        raise Refusal("bad_file_name", "A decision form is a plain file; this is none.")


def undeclared(arrival: Arrival, manifest: Manifest) -> list[str]:
    """Names in the folder that the manifest does not mention; they are never read."""
    if arrival.is_form:
        return []
    declared = {file.name for file in manifest.files} | {MANIFEST, SIGNATURE}
    return sorted(neutral_name(path.name) for path in arrival.path.iterdir() if path.name not in declared)


def _sources(arrival: Arrival, manifest: Manifest) -> dict[str, Any]:
    """The declared files by name, in the delivery's folder."""
    for file in manifest.files:
        _check_name(arrival.path, file.name)
    present = {path.name for path in arrival.path.iterdir()}
    missing = sorted(file.name for file in manifest.files if file.name not in present)
    if missing:
        raise Refusal("file_missing", f"Declared but not in the folder: {', '.join(missing)}.")
    return {file.name: arrival.path / file.name for file in manifest.files}


def _arrival(agency: str, path: Any, entries: list[Any]) -> Arrival:
    seen = []
    newest = 0.0
    for entry in entries:
        state = entry.lstat() if hasattr(entry, "lstat") and isinstance(entry, Path) else entry.stat()
        changed = float(getattr(state, "st_mtime", 0) or 0)
        newest = max(newest, changed)
        seen.append([entry.name, int(state.st_size), changed])
    rules = [get_settings().data_mode, {a: c.version for a, c in load_contracts().items()}]
    digest = hashlib.sha256(json.dumps([rules, seen]).encode()).hexdigest()
    last_change = datetime.fromtimestamp(min(newest, LAST_CHANGE.timestamp()), UTC)
    return Arrival(neutral_name(agency), neutral_name(path.name), path, digest, last_change)


def _check_name(folder: Any, name: str) -> None:
    is_plain = name not in ("", ".", "..", MANIFEST) and not set(name) & set("/\\\0")
    is_plain = is_plain and len(name.encode()) <= LONGEST_NAME
    if is_plain and isinstance(folder, Path):
        is_plain = not (folder / name).is_symlink()
    if not is_plain:
        raise Refusal("bad_file_name", f"{name[:80]!r} is not a plain file name in the delivery's folder.")


def _copy(source: Any, target: Path, declared: DeclaredFile) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    if not source.is_file():
        raise Refusal("file_missing", f"{declared.name} is no file.")
    with source.open("rb") as incoming, target.open("wb") as copy:
        while chunk := incoming.read(CHUNK):
            size += len(chunk)
            digest.update(chunk)
            if size <= declared.bytes:
                copy.write(chunk)
    return size, digest.hexdigest()


def _check_copies(manifest: Manifest, copies: dict[str, tuple[int, str]]) -> None:
    for file in manifest.files:
        size = copies[file.extract][0]
        if size != file.bytes:
            raise Refusal("bytes_mismatch", f"{file.name} has {size} bytes; {file.bytes} are declared.")
    for file in manifest.files:
        if copies[file.extract][1] != file.sha256:
            raise Refusal(
                "sha256_mismatch", f"{file.name} is not the file that was declared: its SHA-256 differs."
            )


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
