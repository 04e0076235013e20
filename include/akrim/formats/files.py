"""JSON and manifest entries, as every file of a release has them."""

import json
from pathlib import Path
from typing import Any

from akrim.trust import file_sha256


def as_json(document: Any) -> str:
    """Indented JSON in the given order, with non-ASCII characters escaped."""
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def file_entry(path: Path, relative_to: Path) -> dict[str, Any]:
    """A file's name, size and hash, as manifests name them."""
    return {
        "path": path.relative_to(relative_to).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": file_sha256(path),
    }


def export_path(folder: Path, name: str) -> Path:
    """The path of an export in the centre's folder; creates the folder."""
    (folder / "exports").mkdir(exist_ok=True)
    return folder / "exports" / name
