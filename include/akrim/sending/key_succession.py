"""Replaces a lost or stolen signing key, by a statement signed with the offline key.

The statement names the new signing key and the next offline key; centres that pinned the offline key accept it. The old
key's signatures no longer count, so releases here are checked and signed again.
"""

import shutil
from pathlib import Path

import minisign

from akrim.atomic_files import write_whole
from akrim.deliveries import require_data_mode
from akrim.errors import UserError
from akrim.keys import sign_release
from akrim.periods import today
from akrim.sending import notices
from akrim.settings import get_settings
from akrim.trust import MANIFEST, Refused, find_problems, manifests_of, signing
from akrim.trust.keyring import KeyFile, read_trust, write_statement

REASONS = ("lost", "stolen", "planned")


def replace_keys(offline_key: Path, reason: str, *, put_back: bool = False) -> list[str]:
    """Replace the signing key and the offline key, and write the statement of it.

    Args:
        offline_key: the old offline key, where it is kept off this machine.
        put_back: move the new offline key to where the old one is kept.

    Returns the releases that were not signed again because the old key's signature did not fit.
    Raises UserError where the offline key is not the one that the centres have, or what is in force is of the other world than the settings say.
    """
    if reason not in REASONS:
        raise UserError(f"{reason!r} is not a valid reason.", "--reason", f"Use one of {', '.join(REASONS)}.")
    require_data_mode()
    keys = get_settings().keys_path
    offline = signing.read_secret_key(offline_key)
    if offline.get_public_key() != signing.read_public_key(keys / KeyFile.SUCCESSOR):
        raise UserError(
            "This is not the offline key that the centres have.", str(offline_key), "Use that one."
        )
    manifests = sorted(get_settings().releases_path.glob(f"*/{MANIFEST}"))
    releases = {path.parent: _is_ours(path.parent, keys) for path in manifests}
    _write_statement(offline, _create_next_keys(keys), reason)
    _install_next_keys(keys)
    for folder in (folder for folder, is_ours in releases.items() if is_ours):
        sign_release(folder)
    notices.sign_statements(signing.read_secret_key(keys / KeyFile.SIGNING_SECRET))
    if put_back:
        write_whole(offline_key, (keys / KeyFile.SUCCESSOR_SECRET).read_bytes())
        (keys / KeyFile.SUCCESSOR_SECRET).unlink()
    return [folder.name for folder, is_ours in releases.items() if not is_ours]


def _create_next_keys(keys: Path) -> Path:
    """Create the new key pairs in a folder, replacing one that an earlier attempt left."""
    next_keys = keys / "next"
    shutil.rmtree(next_keys, ignore_errors=True)
    next_keys.mkdir(mode=0o700)
    signing.create_pair(next_keys / KeyFile.SIGNING_SECRET, next_keys / KeyFile.SIGNING, "signing key")
    signing.create_pair(
        next_keys / KeyFile.SUCCESSOR_SECRET, next_keys / KeyFile.SUCCESSOR, "offline successor key"
    )
    return next_keys


def _write_statement(offline: minisign.SecretKey, next_keys: Path, reason: str) -> None:
    number = len(list((next_keys.parent / "replaced").glob("*"))) + 1
    key, successor = (
        signing.read_public_key(next_keys / name) for name in (KeyFile.SIGNING, KeyFile.SUCCESSOR)
    )
    content = {
        "statement": "succession",
        "replaces": signing.key_id(signing.read_public_key(next_keys.parent / KeyFile.SIGNING)),
        "signing_key": key.to_base64().decode(),
        "successor_key": successor.to_base64().decode(),
        "reason": reason,
        "date": today().isoformat(),
    }
    write_statement(notices.statements_folder(), f"succession-{number}", content, offline)


def _install_next_keys(keys: Path) -> None:
    """Archive the old public keys, delete the old secret ones, and install the new ones."""
    replaced = keys / "replaced"
    replaced.mkdir(mode=0o700, exist_ok=True)
    past = replaced / str(len(list(replaced.glob("*"))) + 1)
    past.mkdir(mode=0o700)
    for name in (KeyFile.SIGNING, KeyFile.SUCCESSOR):
        (keys / name).rename(past / name)
    for name in (KeyFile.SIGNING_SECRET, KeyFile.SUCCESSOR_SECRET):
        (keys / name).unlink(missing_ok=True)
    for path in sorted((keys / "next").iterdir()):
        path.rename(keys / path.name)
    (keys / "next").rmdir()


def _is_ours(folder: Path, keys: Path) -> bool:
    """Whether the release is complete and signed with the old key; nothing else is signed again."""
    trust = read_trust(keys, [])
    try:
        for manifest in manifests_of(folder):
            trust.check(manifest)
    except Refused:
        return False
    return not find_problems(folder)
