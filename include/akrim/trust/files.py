"""Whether a release's files are what its manifests say, whoever wrote the manifests: needs the files alone.

In goes a release's folder or one centre's, out comes every file that is altered, missing or extra.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from akrim.errors import UserError
from akrim.trust.refusal import Code

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.minisig"
BLOCK = 1 << 20


@dataclass(frozen=True)
class Problem:
    """One file that is not as it should be; as text it is a line for a reader."""

    path: str
    code: Code
    told: str

    def __str__(self) -> str:
        return f"{self.path}: {self.told}"


def verify(folder: Path) -> list[str]:
    """Everything that is wrong with the folder's files, a sentence each; an empty list when they are whole."""
    return [str(problem) for problem in find_problems(folder)]


def find_problems(folder: Path) -> list[Problem]:
    """Every file of the folder that is not as its manifests say.

    Args:
        folder: releases/<release_id>, or a single centre's folder wherever it lies.

    Raises UserError where there is no manifest to go by.
    """
    manifest = read_manifest(folder)
    if "centres" not in manifest:
        return list(_centre_problems(folder, manifest))
    return list(_release_problems(folder, manifest))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The folder's manifest; raises UserError where it is missing or no manifest of ours."""
    path = folder / MANIFEST
    try:
        manifest: Any = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UserError(
            "There is no manifest.json.", str(folder), "Name a release's folder or a centre's."
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(
            f"The manifest cannot be read: {error}", str(path), "Ask for the release again."
        ) from None
    if not isinstance(manifest, dict) or not ({"files", "centres"} & manifest.keys()):
        raise UserError(
            "This is not a release's manifest.", str(path), "Name a release's folder or a centre's."
        )
    return manifest


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _release_problems(folder: Path, manifest: dict[str, Any]) -> Iterator[Problem]:
    own = manifest.get("files", [])
    yield from _listed_files(folder, [*manifest["centres"], *own])
    named = {entry["centre_id"] for entry in manifest["centres"]}
    for centre_id in sorted(named):
        centre = folder / centre_id
        if (centre / MANIFEST).is_file():
            for problem in _centre_problems(centre, read_manifest(centre), manifest["release_id"], centre_id):
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
    yield from _listed_files(folder, manifest["files"])
    named = {entry["path"] for entry in manifest["files"]} | {MANIFEST, SIGNATURE}
    for path in sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()):
        name = path.relative_to(folder).as_posix()
        if name not in named:
            yield Problem(name, "extra", "extra, no manifest names it")


def _listed_files(folder: Path, entries: list[dict[str, Any]]) -> Iterator[Problem]:
    for entry in entries:
        path, name, size = folder / entry["path"], entry["path"], entry["bytes"]
        if not path.resolve().is_relative_to(folder.resolve()) or path.is_symlink():
            yield Problem(name, "outside", "points outside the folder")
        elif not path.is_file():
            yield Problem(name, "missing", "missing")
        elif (found := path.stat().st_size) < size:
            yield Problem(name, "truncated", f"cut short, {found} bytes instead of {size}")
        elif found > size:
            yield Problem(name, "altered", f"altered, {found} bytes instead of {size}")
        elif sha256(path) != entry["sha256"]:
            yield Problem(name, "altered", "altered, its hash is not the manifest's")
