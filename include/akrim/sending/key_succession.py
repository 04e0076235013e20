"""A new signing key on the offline key's word: what is done when the old one is lost or stolen.

The statement names the new signing key and the next offline key; centres that have the offline key pinned follow
it. From then on nothing that the old key signed counts, so what lies here is checked and signed again.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import minisign

from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.keys.signing import OFFLINE, SECRET, sign_release
from akrim.sending import notices
from akrim.settings import get_settings
from akrim.trust import keyring, signing
from akrim.trust.files import MANIFEST, verify
from akrim.trust.keyring import SIGNING, SUCCESSOR
from akrim.trust.refusal import Refused
from akrim.trust.statements import write_statement

REASONS = ("lost", "stolen", "planned")


def succeed(offline_key: Path, reason: str) -> list[str]:
    """Replace the signing key and the offline key, and write the statement that proves it.

    Returns the releases that were not signed again, because they are not what the old key signed.
    Raises UserError where the offline key is not the one that the centres have.
    """
    if reason not in REASONS:
        raise UserError(f"{reason!r} is no reason.", "--reason", f"Say one of {', '.join(REASONS)}.")
    keys = get_settings().keys_path
    offline = signing.read_secret_key(offline_key)
    if offline.get_public_key() != signing.read_public_key(keys / SUCCESSOR):
        raise UserError(
            "This is not the offline key that the centres have.", str(offline_key), "Take the right one."
        )
    releases = {folder: _is_ours(folder, keys) for folder in _releases()}
    _write_statement(offline, _next_pairs(keys), reason)
    _take_next(keys)
    for folder in (folder for folder, is_ours in releases.items() if is_ours):
        sign_release(folder)
    notices.sign_again(signing.read_secret_key(keys / SECRET))
    return [folder.name for folder, is_ours in releases.items() if not is_ours]


def put_away(offline_key: Path) -> None:
    """Put the new offline key where the old one lay, in the safe, and leave none on this machine."""
    made = get_settings().keys_path / OFFLINE
    write_whole(offline_key, made.read_bytes())
    made.unlink()


def _next_pairs(keys: Path) -> Path:
    """A folder with the new pairs; one that an earlier attempt left is begun anew."""
    following = keys / "next"
    shutil.rmtree(following, ignore_errors=True)
    following.mkdir(mode=0o700)
    signing.create_pair(following / SECRET, following / SIGNING, "signing key")
    signing.create_pair(following / OFFLINE, following / SUCCESSOR, "offline successor key")
    return following


def _write_statement(offline: minisign.SecretKey, following: Path, reason: str) -> None:
    number = len(list((following.parent / "replaced").glob("*"))) + 1
    key, successor = (signing.read_public_key(following / name) for name in (SIGNING, SUCCESSOR))
    content = {
        "statement": "succession",
        "replaces": signing.key_id(signing.read_public_key(following.parent / SIGNING)),
        "signing_key": key.to_base64().decode(),
        "successor_key": successor.to_base64().decode(),
        "reason": reason,
        "date": datetime.now(UTC).date().isoformat(),
    }
    write_statement(notices.statements_folder(), f"succession-{number}", content, offline)


def _take_next(keys: Path) -> None:
    """Keep the replaced public keys, drop the replaced secret ones, and put the new ones in their place."""
    replaced = keys / "replaced"
    replaced.mkdir(mode=0o700, exist_ok=True)
    past = replaced / str(len(list(replaced.glob("*"))) + 1)
    past.mkdir(mode=0o700)
    for name in (SIGNING, SUCCESSOR):
        (keys / name).rename(past / name)
    for name in (SECRET, OFFLINE):
        (keys / name).unlink(missing_ok=True)
    for path in sorted((keys / "next").iterdir()):
        path.rename(keys / path.name)
    (keys / "next").rmdir()


def _releases() -> list[Path]:
    return [path.parent for path in sorted(get_settings().releases_path.glob(f"*/{MANIFEST}"))]


def _is_ours(folder: Path, keys: Path) -> bool:
    """Whether the release is whole and bears the old key's signatures: nothing else is signed again."""
    trust = keyring.read_trust(keys, [])
    try:
        for manifest in [folder / MANIFEST, *folder.glob(f"*/{MANIFEST}")]:
            trust.check(manifest)
    except Refused:
        return False
    return not verify(folder)
