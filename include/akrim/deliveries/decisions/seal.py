"""The seal of a decision form: what shows that a form was made here, for that release and centre and those persons or groups.

Every row bears one in a locked cell, 96 hexadecimal digits of three keyed digests (HMAC-SHA-256, half of each): of the
release and the centre, the same in every row; of these with the row's decision id and whom it is about; and of all that with what
the row shows of them, so that nobody decides on one person under another's name. The key is the release's own, derived from the
installation's, so that whoever builds a release once more can be given that one alone.

keys/forms.key               the installation's key, made once
keys/forms/<release_id>.key  a release's own key, as its pins tell it, where the release is built once more
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from akrim.atomic_files import require_private, write_new, write_whole
from akrim.contracts import DECISIONS, GROUP_DECISIONS, INFORMED
from akrim.errors import UserError
from akrim.periods import RELEASE_PATTERN
from akrim.settings import get_settings
from akrim.trust import read_limited

SEAL_COLUMN = "segl"


class Sheet(NamedTuple):
    """The columns of a form's sheet that say whom a row is about, by an id first, and those that show it to whoever decides."""

    about: tuple[str, ...]
    shown: tuple[str, ...]


SHEETS = {
    DECISIONS: Sheet(
        ("person_id",), ("rangering", "navn", "fodselsdato", "poeng", "gjeldende_status", "foreslatt_status")
    ),
    GROUP_DECISIONS: Sheet(
        ("gruppe_id", "foretak"),
        ("rangering", "gruppe", "medlemmer", "poeng", "gjeldende_status", "foreslatt_status"),
    ),
    INFORMED: Sheet(("maalgruppe",), ("hvem",)),
}
HALF = 32
KEY, GIVEN = "forms.key", "forms"
LIMIT = 4096  # of a key's file
# Two installations with synthetic data make the same bytes of the same deliveries, forms included.
DEMO_MARK = "# DEMO KEY for synthetic data. Everybody has it; never use it for persons."


def form_key(release_id: str) -> bytes:
    """The key that seals this release's forms; the installation's, which it comes from, is made when it is missing.

    Raises UserError where the key's file is damaged or lost, or is the demo key of synthetic data in production.
    """
    keys = get_settings().keys_path
    given = keys / GIVEN / f"{release_id}.key"
    if given.exists():
        return _read(given)
    return hmac.digest(_installation_key(keys), release_id.encode(), "sha256")


def derived_key(purpose: str) -> bytes:
    """A key of the installation's own for another purpose than forms."""
    return hmac.digest(_installation_key(get_settings().keys_path), f"akrim {purpose}".encode(), "sha256")


def check_form_key() -> None:
    """Raises UserError where the installation's key is there, and damaged, lost, open to others, or a demo key in production."""
    keys = get_settings().keys_path
    if _is_there(keys / KEY):
        _installation_key(keys)


def give_form_keys(keys: Path, by_release: dict[str, str]) -> None:
    """Write releases' own keys, in hexadecimal, into another home's folder of keys, for these releases to be made there."""
    folder = keys / GIVEN
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for release_id, key in by_release.items():
        if not re.fullmatch(RELEASE_PATTERN, release_id) or not re.fullmatch("[0-9a-f]{64}", key):
            raise UserError(
                "The pins name a key of decision forms that is none.", "form_keys", "Give the release as it was."
            )  # fmt: skip
        write_whole(folder / f"{release_id}.key", f"{key}\n".encode())


def seal_of(key: bytes, *row: str, shown: Sequence[str] | None = None) -> str:
    """The seal of one row.

    Args:
        row: release, centre, the row's id and the person id; of a group, its id and its enterprises; or who was informed.
        shown: the texts of the sheet's shown columns; without them the seal says nothing of what the row shows.
    """
    if shown is None:
        return _head(key, row) + _digest(key, *row)
    return (
        _head(key, row) + _digest(key, *row, "listed") + _digest(key, *row, "shown", *map(_one_line, shown))
    )


def is_of_form(seal: str, key: bytes, release_id: str, centre_id: str) -> bool:
    """Whether the seal's row was made for that release and centre, whomever it is about."""
    return _equal(seal[:HALF], _digest(key, release_id, centre_id))


def fits(seal: str, key: bytes, *row: str, shown: Sequence[str] = ()) -> bool:
    """Whether the seal's row was made for all of these; nothing shown where the form came back without these columns.

    A form of an earlier program bears two digests, which say nothing of what it shows.
    """
    if _equal(seal, seal_of(key, *row)):
        return True
    made = seal_of(key, *row, shown=shown)
    return _equal(seal, made) if shown else _equal(seal[: 2 * HALF], made[: 2 * HALF])


def _head(key: bytes, row: Sequence[str]) -> str:
    return _digest(key, *row[:2])


def _one_line(text: str) -> str:
    """The text as every spreadsheet program gives it back: spaces of any kind and number are one."""
    return " ".join(text.split())


def _digest(key: bytes, *parts: str) -> str:
    return hmac.digest(key, json.dumps(parts).encode(), "sha256").hex()[:HALF]


def _equal(seal: str, expected: str) -> bool:
    return hmac.compare_digest(seal.encode("utf-8", "replace"), expected.encode())


def _installation_key(keys: Path) -> bytes:
    path = keys / KEY
    is_production = get_settings().data_mode == "production"
    if not _is_there(path):
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        demo = f"{DEMO_MARK}\n{hashlib.sha256(DEMO_MARK.encode()).hexdigest()}\n"
        with suppress(FileExistsError):  # another process was first: one key is made and read by all
            write_new(path, (f"{secrets.token_hex(32)}\n" if is_production else demo).encode())
    key = _read(path)
    if is_production and path.read_text("ascii", "replace").startswith(DEMO_MARK):
        raise UserError(
            "The key of the decision forms is the demo key of synthetic data.", str(path),
            "Move it away: the next release makes one of its own.",
        )  # fmt: skip
    return key


def _is_there(path: Path) -> bool:
    """A link to nowhere is a key that was lost, and not no key."""
    return path.exists() or path.is_symlink()


def _read(path: Path) -> bytes:
    try:
        lines = read_limited(path, LIMIT).decode("ascii", "replace").splitlines()
    except (FileNotFoundError, ValueError):  # no file of ours
        lines = []
    if not lines or not re.fullmatch("[0-9a-f]{64}", lines[-1]):
        raise UserError(
            "The key of the decision forms is empty or damaged, or was lost.", str(path),
            "Put it back from a copy. Moved away, a new one is made, and forms that are out now are refused.",
        )  # fmt: skip
    require_private(path)
    return bytes.fromhex(lines[-1])
