"""minisign signatures (Ed25519, prehashed) as detached files beside what they cover; the original tool reads them.

A public key's id is the 16 hexadecimal digits that minisign itself prints; people compare it by telephone.
"""

import base64
from pathlib import Path

import minisign

from akrim.errors import UserError
from akrim.trust.refusal import Refused

SUFFIX = ".minisig"
SIGNATURE_LIMIT = 4096


def create_pair(secret: Path, public: Path, what: str) -> None:
    """Write a new pair of keys, the secret one for its owner alone; raises UserError rather than replace one.

    Args:
        what: what the key is for; stands in both files' comment.
    """
    for path in (secret, public):
        if path.exists():
            raise UserError("There is a key already.", str(path), "Keys are never overwritten; move it away.")
    pair = minisign.KeyPair.generate()
    pair.secret_key.untrusted_comment = f"akrim {what}, secret key"
    pair.public_key.untrusted_comment = f"akrim {what}, public key {key_id(pair.public_key)}"
    write_private(secret, bytes(pair.secret_key) + b"\n")
    public.write_bytes(bytes(pair.public_key) + b"\n")
    public.chmod(0o600)


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that nobody but its owner could ever open."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(content)


def read_secret_key(path: Path) -> minisign.SecretKey:
    try:
        return minisign.SecretKey.from_bytes(path.read_bytes().rstrip())
    except (OSError, minisign.Error, ValueError) as error:
        raise UserError(
            f"The secret key cannot be read: {error}", str(path), "Name a key that `akrim keys init` made."
        ) from None


def read_public_key(path: Path) -> minisign.PublicKey:
    try:
        return minisign.PublicKey.from_bytes(path.read_bytes().rstrip())
    except (OSError, minisign.Error, ValueError) as error:
        raise Refused(
            "no_keys", f"The public key cannot be read: {error}", str(path), "Get the key's file again."
        ) from None


def key_id(key: minisign.PublicKey) -> str:
    """The key's id as minisign prints it."""
    return base64.b64decode(key.to_base64())[2:10][::-1].hex().upper()


def sign(path: Path, key: minisign.SecretKey, comment: str) -> Path:
    """Sign the file's exact bytes; the same key, bytes and comment give the same signature. Returns its path."""
    signature = key.sign(
        path.read_bytes(),
        prehash=True,
        untrusted_comment=f"signature by akrim key {key_id(key.get_public_key())}",
        trusted_comment=comment,
    )
    target = path.with_name(path.name + SUFFIX)
    target.write_bytes(bytes(signature) + b"\n")
    target.chmod(0o600)
    return target


def read_signature(path: Path) -> tuple[minisign.Signature, str]:
    """The signature beside the file, and the id of the key that it says it is by.

    Raises Refused where there is none.
    """
    beside = path.with_name(path.name + SUFFIX)
    try:
        with beside.open("rb") as file:
            raw = file.read(SIGNATURE_LIMIT)
        signature = minisign.Signature.from_bytes(raw.rstrip())
        by = base64.b64decode(raw.splitlines()[1])[2:10][::-1].hex().upper()
    except FileNotFoundError:
        raise Refused("unsigned", f"It is not signed: there is no {beside.name}.", str(path)) from None
    except (OSError, minisign.Error, ValueError, IndexError):
        raise Refused("unsigned", f"It is not signed: {beside.name} is no signature.", str(beside)) from None
    return signature, by


def fits(key: minisign.PublicKey, content: bytes, signature: minisign.Signature) -> bool:
    """Whether the signature is this key's on these bytes."""
    try:
        key.verify(content, signature)
    except (minisign.Error, ValueError):
        return False
    return True
