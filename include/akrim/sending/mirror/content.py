"""What the mirror is to have: the home folder's published releases, what lies beside them, and the index of all that."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from akrim.ledger import list_releases
from akrim.sending.notices import statements_folder
from akrim.settings import get_settings
from akrim.trust import MANIFEST, SIGNATURE, Suffix, parse, read_manifest

INDEX = "index.json"
# What was published once stays in the mirror as it stays at home: recalled, or as the tombstones of what was erased.
PUBLISHED = {"published", "superseded", "recalled", "erased"}
TOLD = ("release_id", "period", "as_of", "status")


class Kept(NamedTuple):
    """A file of the home folder, with its size and digest as its manifest says."""

    source: Path
    bytes: int
    sha256: str


def published_releases() -> list[dict[str, Any]]:
    """What the index tells of each published release, the newest first."""
    return [{key: row[key] for key in TOLD} for row in list_releases() if row["status"] in PUBLISHED]


def files_beside() -> dict[str, Kept]:
    """Statements, each after its signature, where verification finds them; and what describes the series."""
    statements = sorted(statements_folder().glob(f"*{Suffix.STATEMENT}"))
    signed = [(path.with_name(path.name + Suffix.SIGNATURE), path) for path in statements]
    found = [path for pair in signed if pair[0].is_file() for path in pair]
    releases = get_settings().releases_path
    found += sorted(path for path in releases.glob("[!.]*") if path.is_file())
    return {path.name: _hashed(path) for path in found}


def files_of_release(release_id: str) -> dict[str, Kept]:
    """The files that the release's manifests name, by place; each part's manifest after its files, the release's last.

    Raises UserError or OSError where a manifest or its signature is missing or damaged.
    """
    folder = get_settings().releases_path / release_id
    parts = [folder / entry["centre_id"] for entry in read_manifest(folder)["centres"]]
    return {
        path.relative_to(folder.parent).as_posix(): kept
        for part in (*parts, folder)
        for path, kept in _part(part)
    }


def write_index(releases: list[dict[str, Any]], in_force: list[str], files: dict[str, Kept]) -> bytes:
    """The index: which releases there are and which are in force, and each file's size and digest."""
    entries = [{"path": path, "bytes": kept.bytes, "sha256": kept.sha256} for path, kept in files.items()]
    return (
        json.dumps({"in_force": in_force, "releases": releases, "files": entries}, indent=1) + "\n"
    ).encode()


def read_index(raw: bytes) -> dict[str, tuple[int, str]]:
    """Each file's size and digest; nothing where it cannot be read."""
    try:
        return {entry["path"]: (entry["bytes"], entry["sha256"]) for entry in parse(raw)["files"]}
    except (KeyError, TypeError, ValueError):
        return {}


def _part(folder: Path) -> Iterator[tuple[Path, Kept]]:
    for entry in read_manifest(folder).get("files", []):
        path = folder / entry["path"]
        yield path, Kept(path, entry["bytes"], entry["sha256"])
    for path in (folder / SIGNATURE, folder / MANIFEST):
        yield path, _hashed(path)


def _hashed(path: Path) -> Kept:
    content = path.read_bytes()
    return Kept(path, len(content), hashlib.sha256(content).hexdigest())
