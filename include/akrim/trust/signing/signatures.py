"""Detached minisign signatures (Ed25519, prehashed), which the original tool can read."""

from pathlib import Path

import minisign

from akrim.atomic_files import write_whole
from akrim.trust.documents import Suffix, read_limited
from akrim.trust.refusal import Refused
from akrim.trust.signing.pairs import key_id, read_public_key, stated_id

SIGNATURE_LIMIT = 4096


def sign(path: Path, key: minisign.SecretKey, comment: str) -> Path:
    """Sign the file's exact bytes; the same key, bytes and comment give the same signature. Returns its path."""
    signature = key.sign(
        path.read_bytes(),
        prehash=True,
        untrusted_comment=f"signature by akrim key {key_id(key.get_public_key())}",
        trusted_comment=comment,
    )
    target = path.with_name(path.name + Suffix.SIGNATURE)
    write_whole(target, bytes(signature) + b"\n")
    return target


def read_signature(path: Path) -> tuple[minisign.Signature, str]:
    """The signature beside the file, and the key id that it claims.

    Raises Refused if there is none.
    """
    beside = path.with_name(path.name + Suffix.SIGNATURE)
    try:
        found = parse_signature(read_limited(beside, SIGNATURE_LIMIT))
    except FileNotFoundError:
        raise Refused("unsigned", f"It is not signed: there is no {beside.name}.", str(path)) from None
    except (OSError, ValueError):
        found = None
    if found is None:
        raise Refused("unsigned", f"It is not signed: {beside.name} is no signature.", str(beside))
    return found


def parse_signature(raw: bytes) -> tuple[minisign.Signature, str] | None:
    """A signature's content and the key id that it claims; None where the bytes are none."""
    try:
        signature = minisign.Signature.from_bytes(raw.rstrip())
        return signature, stated_id(raw.splitlines()[1])
    except (minisign.Error, ValueError, IndexError):
        return None


def is_valid(key: minisign.PublicKey, content: bytes, signature: minisign.Signature) -> bool:
    """Whether it is this key's signature of these bytes."""
    try:
        key.verify(content, signature)
    except (minisign.Error, ValueError):
        return False
    return True


def is_signed(content: bytes, signature: bytes | None, public: Path) -> bool:
    """Whether there is a signature, and it is one of these bytes by the public key in the file.

    Raises Refused where the file is no public key: that says nothing of whoever signs.
    """
    key, parsed = read_public_key(public), parse_signature(signature or b"")
    return parsed is not None and is_valid(key, content, parsed[0])
