"""How every JSON file of a release is written, and how manifests name a file."""

import hashlib
import json
from pathlib import Path
from typing import Any


def as_json(document: Any) -> str:
    """JSON as every file of a release is written: readable, in a fixed order, hidden characters escaped."""
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def file_facts(path: Path, relative_to: Path) -> dict[str, Any]:
    """A file's name, size and hash, as manifests name them."""
    content = path.read_bytes()
    return {
        "path": path.relative_to(relative_to).as_posix(),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def exported(folder: Path, name: str) -> Path:
    """Where a form of another project's lies in the centre's folder."""
    (folder / "exports").mkdir(exist_ok=True)
    return folder / "exports" / name
