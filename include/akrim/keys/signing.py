"""The keys that the installation signs with; only a statement signed with the offline key can replace them.

keys/signing.key, signing.pub           sign releases and notices
keys/successor.key, successor.pub       name a new signing key; the secret half belongs offline
"""

import json
from pathlib import Path
from typing import Any

import minisign

from akrim.atomic_files import require_private
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.trust import MANIFEST, manifests_of, signing
from akrim.trust.keyring import KeyFile


def create_keys() -> None:
    """Create the signing key and the offline key; raises UserError where they exist."""
    keys = get_settings().keys_path
    keys.mkdir(mode=0o700, exist_ok=True)
    for path in (keys / KeyFile.SIGNING, keys / KeyFile.SIGNING_SECRET):
        signing.check_absent(path)
    # The signing key comes last: if it is missing, an attempt was interrupted.
    if not all((keys / name).exists() for name in (KeyFile.SUCCESSOR_SECRET, KeyFile.SUCCESSOR)):
        signing.create_pair(
            keys / KeyFile.SUCCESSOR_SECRET, keys / KeyFile.SUCCESSOR, "offline successor key"
        )
    signing.create_pair(keys / KeyFile.SIGNING_SECRET, keys / KeyFile.SIGNING, "signing key")


def signing_key() -> minisign.SecretKey:
    """The key that releases are signed with.

    With synthetic data a missing key is created; in production UserError is raised, and wherever one was lost.
    """
    settings = get_settings()
    path = settings.keys_path / KeyFile.SIGNING_SECRET
    if not path.exists():
        # A pair's secret half is written first, so that a public one alone is what a loss left. Centres trust no other key made here.
        if (settings.keys_path / KeyFile.SIGNING).exists():
            raise UserError(
                "The key to sign releases with is lost: its public half is here alone.",
                str(path),
                "Put it back from a backup, or replace it, as centres follow: akrim keys succeed --help",
            )
        if has_releases():
            raise UserError(
                "The keys are lost: releases that were signed with them are here, and they are not.",
                str(settings.keys_path),
                "Put them back from a backup (keys/ in its folder home/). Gone for good, others are made by `akrim keys init`,"
                " which every centre has to be given in person.",
            )
        if settings.data_mode == "production":
            raise UserError(
                "There is no key to sign releases with.", str(path), "Create one: akrim keys init"
            )
        create_keys()
    key = signing.read_secret_key(path)
    require_private(path)
    return key


def has_releases() -> bool:
    """Whether releases lie here, which is a sign that there were keys."""
    return any(get_settings().releases_path.glob(f"[!.]*/{MANIFEST}"))


def sign_release(folder: Path, head: dict[str, Any] | None = None) -> None:
    """Sign the release's manifest and each centre's, and remove what writing either left that was killed: no part goes out with it.

    Args:
        head: the position and hash of the audit log's newest event, for the signatures to state; where a release is signed
            again, by default what its signature stated before.

    They state the commit and image too, of whoever made the release and not of whoever signs it again.
    """
    key = signing_key()
    head = head or signing.stated_head(folder / MANIFEST)
    build = signing.stated_build(folder / MANIFEST)
    if build is None:
        build = {"commit": get_settings().commit, "image": get_settings().image_digest}
    for path in manifests_of(folder):
        for left in path.parent.glob(f".{MANIFEST}*"):
            left.unlink()
        manifest = json.loads(path.read_bytes())
        signing.sign(path, key, signing.release_comment(manifest, head, build))
