"""A check of the files by which an installation decides: that nobody else on the machine can change them."""

import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from akrim.commands.doctor.caution import Caution
from akrim.errors import UserError
from akrim.settings import get_settings


def deciding_files() -> str:
    """Whether others may change akrim.toml, or what settings name: what is shared, how long it is kept, what is plausible, contracts."""
    files = {path: where for path, where in _named() if path.exists()}
    of_groups = []
    for path, where in files.items():
        if open_one := _open_to_all(path):
            raise UserError(
                f"Everybody on this machine may change what akrim decides by ({where}).",
                str(open_one),
                f"chmod o-w {shlex.quote(str(open_one))}, and look at what may have been changed.",
            )
        if path.stat().st_mode & stat.S_IWGRP:
            of_groups.append(f"{path} ({where})")
    if of_groups:
        return Caution(
            f"whoever is in its group may change {', '.join(of_groups)}: chmod g-w, unless each is meant to"
        )
    return "nobody else may change them" if files else "none but the program's own"


def _named() -> Iterator[tuple[Path, str]]:
    """Each file or folder with the setting that names it; of a folder of contracts what lies in it, too."""
    settings = get_settings()
    yield Path("akrim.toml").resolve(), "akrim.toml"
    for name in ("sharing", "retention", "limits", "contracts"):
        if path := getattr(settings, name):
            yield path, f"AKRIM_{name.upper()}"
            for contract in sorted(path.glob("*.yaml")) if path.is_dir() else ():
                yield contract, f"AKRIM_{name.upper()}"


def _open_to_all(path: Path) -> Path | None:
    """The file, or its folder, where everybody can write it, or put another in its place."""
    if path.stat().st_mode & stat.S_IWOTH:
        return path
    folder = path.parent
    mode = folder.stat().st_mode
    return folder if mode & stat.S_IWOTH and not mode & stat.S_ISVTX else None
