"""For whom each centre's part is sealed: keys/recipients/<centre>.txt, one age public key a line.

With synthetic data a centre without keys gets demo keys, marked so, in keys/demo/<centre>, a whole folder of keys
as a centre would have it; in production it gets nothing until it has sent its key.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from akrim.contracts import load_contracts
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.trust import sealing
from akrim.trust.keyring import SIGNING, SUCCESSOR

DEMO = "demo"


@dataclass(frozen=True)
class Recipients:
    """One centre's public keys; `kind` says whether they are its own."""

    keys: tuple[str, ...]
    kind: Literal["own", "demo", "none"]


def recipients_of() -> dict[str, Recipients]:
    """Every centre's keys, by centre."""
    return {centre_id: _of(centre_id) for centre_id in centres()}


def centres() -> tuple[str, ...]:
    """The centres that may decide, as the contract of their decisions names them."""
    columns = load_contracts()["sentrene"].extract("beslutninger").columns
    return tuple(sorted(next(column.codes for column in columns if column.name == "senter")))


def add_recipient(centre_id: str, recipient: Path) -> int:
    """Add the keys in a file to the centre's; returns how many it has."""
    path = _path(centre_id)
    known = sealing.read_recipients(path) if path.exists() else []
    new = sealing.read_recipients(recipient)
    if not new:
        raise UserError(
            "There is no public key in it.", str(recipient), "Ask the centre for its recipient.txt."
        )
    return _write(path, list(dict.fromkeys([*known, *new])))


def remove_recipient(centre_id: str, key: str) -> int:
    """Take a key away from the centre's; returns how many are left."""
    path = _path(centre_id)
    known = sealing.read_recipients(path) if path.exists() else []
    if key not in known:
        raise UserError(f"{centre_id} has no such key.", str(path), "`akrim keys show` counts them.")
    return _write(path, [other for other in known if other != key])


def _of(centre_id: str) -> Recipients:
    path = get_settings().keys_path / "recipients" / f"{centre_id}.txt"
    own = tuple(sealing.read_recipients(path)) if path.exists() else ()
    if own:
        return Recipients(own, "own")
    if get_settings().data_mode == "production":
        return Recipients((), "none")
    return Recipients((_demo_key(centre_id),), "demo")


def _demo_key(centre_id: str) -> str:
    keys = get_settings().keys_path
    folder = keys / DEMO / centre_id
    if not (folder / sealing.RECIPIENT).exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "centre.txt").write_text(f"{centre_id}\n", "utf-8")
        sealing.create_identity(folder, sealing.DEMO_MARK)
    for name in (SIGNING, SUCCESSOR):
        if (keys / name).exists() and not (folder / name).exists():
            shutil.copyfile(keys / name, folder / name)
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(0o600)
    return sealing.read_recipients(folder / sealing.RECIPIENT)[0]


def _path(centre_id: str) -> Path:
    if centre_id not in centres():
        raise UserError(
            f"There is no centre {centre_id!r}.", "CENTRE", f"Name one of {', '.join(centres())}."
        )
    return get_settings().keys_path / "recipients" / f"{centre_id}.txt"


def _write(path: Path, keys: list[str]) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text("".join(f"{key}\n" for key in keys), "utf-8")
    new.chmod(0o600)
    new.replace(path)
    return len(keys)
