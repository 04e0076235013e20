"""Compares a release's files with its manifests and finds every file that is altered, missing or extra."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from akrim.errors import UserError
from akrim.trust.documents import Suffix, is_plain_name, parse, printable, read_limited
from akrim.trust.refusal import Code

MANIFEST = "manifest.json"
SIGNATURE = f"{MANIFEST}{Suffix.SIGNATURE}"


@dataclass(frozen=True)
class Problem:
    """One file that differs from its manifest; str() gives a line for people."""

    path: str
    code: Code
    reason: str

    def __str__(self) -> str:
        return f"{printable(self.path)}: {self.reason}"


def find_problems(folder: Path) -> list[Problem]:
    """Every file of the folder that differs from its manifests.

    Args:
        folder: releases/<release_id>, or a single centre's folder anywhere.

    Raises UserError if there is no manifest.
    """
    manifest = read_manifest(folder)
    if "centres" not in manifest:
        return list(_centre_problems(folder, manifest))
    return list(_release_problems(folder, manifest))


def manifests_of(folder: Path) -> list[Path]:
    """The folder's own manifest, then those of the centres' folders in it."""
    return [folder / MANIFEST, *sorted(folder.glob(f"*/{MANIFEST}"))]


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file of any size, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The folder's manifest; raises UserError if it is missing or not a release's manifest."""
    path = folder / MANIFEST
    try:
        manifest = parse(read_limited(path))
    except FileNotFoundError:
        raise UserError(
            f"There is no {MANIFEST}.", str(folder), "Name a release's folder or a centre's."
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(
            f"The manifest cannot be read: {error}", str(path), "Ask for the release again."
        ) from None
    if not _is_manifest(manifest):
        raise UserError(
            "This is not a release's manifest.", str(path), "Name a release's folder or a centre's."
        )
    return dict(manifest)


def _is_manifest(manifest: object) -> bool:
    """Whether it lists files or centres, each with a path, a size and a hash, as all checks here assume."""
    if not isinstance(manifest, dict) or not ({"files", "centres"} & manifest.keys()):
        return False
    if "centres" in manifest and not _are_entries(manifest["centres"], {"centre_id": str}):
        return False
    return _are_entries(manifest.get("files", []), {}) and all(
        isinstance(manifest.get(name, ""), (str, type(None)))
        for name in ("release_id", "recipient", "as_of", "data_mode", "previous_release_id", "fingerprint")
    )


def _are_entries(entries: object, more: dict[str, type]) -> bool:
    fields = {"path": str, "bytes": int, "sha256": str, **more}
    return isinstance(entries, list) and all(
        isinstance(entry, dict) and all(isinstance(entry.get(name), kind) for name, kind in fields.items())
        for entry in entries
    )


def _release_problems(folder: Path, manifest: dict[str, Any]) -> Iterator[Problem]:
    own = manifest.get("files", [])
    yield from _listed_files(folder, [*manifest["centres"], *own])
    named = {entry["centre_id"] for entry in manifest["centres"]}
    for centre_id in sorted(named):
        if not is_plain_name(centre_id):
            yield Problem(centre_id, "outside", "points outside the folder")
            continue
        centre = folder / centre_id
        if (centre / MANIFEST).is_file():
            for problem in _centre_problems(
                centre, read_manifest(centre), manifest.get("release_id"), centre_id
            ):
                yield replace(problem, path=f"{centre_id}/{problem.path}")
    for path in sorted(folder.iterdir()):
        if path.name not in named | {entry["path"] for entry in own} | {MANIFEST, SIGNATURE}:
            yield Problem(path.name, "extra", "extra, no manifest names it")


def _centre_problems(
    folder: Path, manifest: dict[str, Any], release_id: str | None = None, recipient: str | None = None
) -> Iterator[Problem]:
    for key, expected in (("release_id", release_id), ("recipient", recipient)):
        if expected is not None and manifest.get(key) != expected:
            yield Problem(MANIFEST, "other_centre", f"{key} is {manifest.get(key)!r}, not {expected!r}")
    files = manifest.get("files", [])
    yield from _listed_files(folder, files)
    named = {entry["path"] for entry in files} | {MANIFEST, SIGNATURE}
    for name in sorted(_unnamed(folder, "", named)):
        yield Problem(name, "extra", "extra, no manifest names it")


def _unnamed(folder: Path, below: str, named: set[str]) -> Iterator[str]:
    """Files that are not named; a folder without any named file is reported as a whole."""
    for path in folder.iterdir():
        name = f"{below}{path.name}"
        if path.is_symlink() or not path.is_dir():
            if name not in named:
                yield name
        elif any(other.startswith(f"{name}/") for other in named):
            yield from _unnamed(path, f"{name}/", named)
        elif any(path.iterdir()):
            yield name


def _listed_files(folder: Path, entries: list[dict[str, Any]]) -> Iterator[Problem]:
    for entry in entries:
        path, name, size = folder / entry["path"], entry["path"], entry["bytes"]
        if not is_plain_name(name) or not _is_inside(folder, path):
            yield Problem(name, "outside", "points outside the folder")
        elif not path.is_file():
            yield Problem(name, "missing", "missing")
        elif (found := path.stat().st_size) < size:
            yield Problem(name, "truncated", f"cut short, {found} bytes instead of {size}")
        elif found > size:
            yield Problem(name, "altered", f"altered, {found} bytes instead of {size}")
        elif file_sha256(path) != entry["sha256"]:
            yield Problem(name, "altered", "altered, its hash is not the manifest's")


def _is_inside(folder: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve()) and not path.is_symlink()
