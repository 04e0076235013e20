"""A file of age public keys that something is sealed for: keys/recipients/<centre or agency>.txt, one a line."""

from pathlib import Path

from akrim.atomic_files import write_whole
from akrim.contracts import load_contracts, recipients
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.trust import sealing


def recipients_file(name: str) -> Path:
    """Where the keys of a centre, of the national part or of an agency lie; raises UserError where there is none of that name."""
    known = (*recipients(), *load_contracts())
    if name not in known:
        raise UserError(
            f"There is no centre or agency {name!r}.", "the name", f"Name one of {', '.join(known)}."
        )
    return get_settings().keys_path / "recipients" / f"{name}.txt"


def read_keys(path: Path) -> list[str]:
    """The keys as they are kept; an empty or damaged file, for which UserError is raised, must not pass for none."""
    try:
        return sealing.read_recipients(path)
    except UserError:
        raise UserError(
            f"The file of {path.stem}'s public keys is empty or damaged.",
            str(path),
            f"Put it back from a copy, or delete it and add the keys again: akrim keys add {path.stem} recipient.txt",
        ) from None


def add_recipient(name: str, recipient: Path) -> int:
    """Add the keys in the file `recipient` to those of a centre or an agency; returns how many it has. An empty file is replaced."""
    path = recipients_file(name)
    known = read_keys(path) if path.exists() and path.stat().st_size else []
    return _write(path, list(dict.fromkeys([*known, *sealing.read_recipients(recipient)])))


def remove_recipient(name: str, key: str) -> int:
    """Remove one key of a centre's or an agency's; returns how many are left. Raises UserError where it is not there."""
    path = recipients_file(name)
    known = read_keys(path) if path.exists() else []
    if key not in known:
        raise UserError(f"{path.stem} has no such key.", str(path), "`akrim keys show` counts them.")
    left = [other for other in known if other != key]
    if not left:
        path.unlink()  # an empty file means a full disk
        return 0
    return _write(path, left)


def _write(path: Path, keys: list[str]) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, "".join(f"{key}\n" for key in keys).encode())
    return len(keys)
