"""Minisign key pairs, which the original tool can read.

A public key's id is the 16 hexadecimal digits that minisign itself prints; people compare it by telephone.
"""

import base64
from pathlib import Path

import minisign

from akrim.atomic_files import write_new
from akrim.errors import UserError
from akrim.trust.documents import read_limited
from akrim.trust.refusal import Refused

KEY_LIMIT = 4096


def create_pair(secret: Path, public: Path, what: str) -> None:
    """Write a new key pair, the secret key readable by its owner alone; raises UserError if there is a key.

    Args:
        what: what the key is for, as both files' comments say.
    """
    for path in (secret, public):
        check_absent(path)
    pair = minisign.KeyPair.generate()
    pair.secret_key.untrusted_comment = f"akrim {what}, secret key"
    pair.public_key.untrusted_comment = f"akrim {what}, public key {key_id(pair.public_key)}"
    secret.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(secret, bytes(pair.secret_key) + b"\n")
    try:
        write_new(public, bytes(pair.public_key) + b"\n")
    except OSError:
        secret.unlink()  # half a pair would block creating a whole one
        raise


def check_absent(path: Path) -> None:
    """Raises UserError if there is a key already, even an empty file."""
    if path.exists():
        raise UserError("There is a key already.", str(path), "Keys are never overwritten; move it away.")


def read_secret_key(path: Path) -> minisign.SecretKey:
    """Raises UserError if the file is missing, empty or not a secret key."""
    try:
        return minisign.SecretKey.from_bytes(_content(path))
    except (OSError, minisign.Error, ValueError) as error:
        raise UserError(
            f"The secret key cannot be read: {error}",
            str(path),
            "Put it back from a copy, or name a key that `akrim keys init` made.",
        ) from None


def read_public_key(path: Path) -> minisign.PublicKey:
    """Raises Refused if the file is missing, empty or not a public key."""
    try:
        return minisign.PublicKey.from_bytes(_content(path))
    except (OSError, minisign.Error, ValueError) as error:
        raise Refused(
            "no_keys", f"The public key cannot be read: {error}", str(path), "Get the key's file again."
        ) from None


def _content(path: Path) -> bytes:
    content = read_limited(path, KEY_LIMIT).rstrip()
    if not content.strip(b"\0"):
        raise ValueError("the file is empty, as a full disk may have left it")
    return content


def key_id(key: minisign.PublicKey) -> str:
    """The key's id as minisign prints it."""
    return stated_id(key.to_base64())


def stated_id(encoded: bytes) -> str:
    """The key's id that a public key or a signature states in its line of base64."""
    return base64.b64decode(encoded)[2:10][::-1].hex().upper()
