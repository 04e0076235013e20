"""Which program made a result: a digest of every file that can affect one."""

import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from akrim.errors import UserError

# Everything that can affect a result, below the project's root and beside it.
CODE = ("dags", "dbt_project", "locks/runtime.lock")
PACKAGES = {"include/akrim": "akrim", "expectations": "expectations"}
NOT_CODE = {"__pycache__", "_project", "target", "logs", "dbt_packages"}


def code_digest(root: Path) -> str:
    """A digest of every file that can affect a result, by content and by its path in a checkout."""
    digest = hashlib.sha256()
    for name, path in _code_files(root):
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _code_files(root: Path) -> Iterator[tuple[str, Path]]:
    places = {name: _package_folder(package) for name, package in PACKAGES.items()}
    for name, start in (places | {name: root / name for name in CODE}).items():
        for path in [start] if start.is_file() else sorted(start.rglob("*")):
            below = path.relative_to(start)
            if path.is_file() and not NOT_CODE.intersection(below.parts) and not path.name.startswith("."):
                yield (Path(name) / below).as_posix(), path


def _package_folder(package: str) -> Path:
    """The package's folder, found without importing it, which would take seconds."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise UserError(f"The package {package} is not installed.", "", "Install akrim again.")
    return Path(found.submodule_search_locations[0])
