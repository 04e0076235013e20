"""Compares two builds of a release by their bytes; signatures are left out, since each home has its own key."""

from dataclasses import dataclass
from pathlib import Path

from akrim.errors import UserError
from akrim.trust import Suffix, file_sha256, read_manifest


@dataclass(frozen=True)
class Reproduction:
    """The comparison of rebuilt and published files; `reasons` may explain a difference."""

    release_id: str
    folder: Path
    same: int
    differing: list[str]
    reasons: list[str]


def require_unerased(folder: Path) -> None:
    """Raise UserError where the release, or a centre's part of it, was erased."""
    manifest = read_manifest(folder)
    if "erased" in manifest or any("erased" in centre for centre in manifest.get("centres", [])):
        raise UserError(
            "Parts of the release were erased.", str(folder), "It can no longer be built as it was."
        )


def compare_builds(release_id: str, published: Path, rebuilt: Path, reasons: list[str]) -> Reproduction:
    """Compare the two folders file by file; `differing` has a line for each file that differs or that only one of them has.

    Args:
        reasons: what may explain a difference; told only where there is one.
    """
    before, after = (_digests(folder) for folder in (published, rebuilt))
    told = dict.fromkeys(before.keys() - after.keys(), "only published")
    told |= dict.fromkeys(after.keys() - before.keys(), "only rebuilt")
    told |= {name: "differs" for name in before.keys() & after.keys() if before[name] != after[name]}
    differing = [f"{name}: {how}" for name, how in sorted(told.items())]
    same = sum(after.get(name) == digest for name, digest in before.items())
    return Reproduction(release_id, rebuilt, same, differing, reasons if differing else [])


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != Suffix.SIGNATURE
    }
