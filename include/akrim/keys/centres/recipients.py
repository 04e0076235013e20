"""The age public keys that each centre's part, and the national one, is sealed for: keys/recipients/<centre>.txt, one a line.

With synthetic data a centre without keys gets marked demo keys in keys/demo/<centre>, a whole key folder as a centre has
it. In production it gets nothing until it has sent a key.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from akrim.atomic_files import write_whole
from akrim.contracts import recipients
from akrim.errors import UserError
from akrim.keys.recipient_files import read_keys, recipients_file
from akrim.settings import get_settings
from akrim.trust import sealing
from akrim.trust.keyring import KeyFile

DEMO = "demo"


@dataclass(frozen=True)
class Recipients:
    """One centre's public keys; `kind` says whether they are its own."""

    keys: tuple[str, ...]
    kind: Literal["own", "demo", "none"]


def all_recipients() -> dict[str, Recipients]:
    """Every centre's keys, by centre."""
    return {centre_id: recipients_for(centre_id) for centre_id in recipients()}


def recipients_for(centre_id: str) -> Recipients:
    """One centre's keys; raises UserError where its file of keys is empty or damaged."""
    path = recipients_file(centre_id)
    if path.exists():
        return Recipients(tuple(read_keys(path)), "own")
    if get_settings().data_mode == "production":
        return Recipients((), "none")
    return Recipients((_demo_key(centre_id),), "demo")


def without_keys() -> list[str]:
    """The centres that nothing can be sealed for; demo keys that are not there yet are not made.

    Raises UserError where a centre's file of keys is empty or damaged.
    """
    absent = []
    for centre_id in recipients():
        demo = get_settings().keys_path / DEMO / centre_id / KeyFile.RECIPIENT
        if recipients_file(centre_id).exists():
            read_keys(recipients_file(centre_id))
        elif get_settings().data_mode == "production":
            absent.append(centre_id)
        elif demo.exists():
            _read_demo(demo)
    return absent


def _demo_key(centre_id: str) -> str:
    keys = get_settings().keys_path
    folder = keys / DEMO / centre_id
    if not (folder / KeyFile.RECIPIENT).exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / KeyFile.CENTRE, f"{centre_id}\n".encode())
        sealing.create_identity(folder, sealing.DEMO_MARK)
    for name in (KeyFile.SIGNING, KeyFile.SUCCESSOR):
        if (keys / name).exists() and not (folder / name).exists():
            write_whole(folder / name, (keys / name).read_bytes())
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(0o600)
    return _read_demo(folder / KeyFile.RECIPIENT)


def _read_demo(path: Path) -> str:
    try:
        return sealing.read_recipients(path)[0]
    except UserError:
        raise UserError(
            f"The demo keys of {path.parent.name} are empty or damaged.",
            str(path),
            f"Delete the folder, and they are made anew: rm -r {path.parent}",
        ) from None
