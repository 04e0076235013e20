"""The installation's secret key, from which each release's own comes that seals its forms, and those of other purposes.

Whoever builds a release once more can so be given that release's key alone.

keys/forms.key               the installation's key, made once
keys/forms/<release_id>.key  a release's own key, as its pins tell it, where the release is built once more
"""

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from pathlib import Path

from akrim.atomic_files import is_there, require_private, write_new, write_whole
from akrim.errors import UserError
from akrim.periods import RELEASE_PATTERN
from akrim.settings import get_settings
from akrim.trust import read_limited

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
    if is_there(keys / KEY):
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


def _installation_key(keys: Path) -> bytes:
    path = keys / KEY
    is_production = get_settings().data_mode == "production"
    if not is_there(path):
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
