"""The trust that follows from a folder of keys and the statements in it and beside a release."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import minisign

from akrim.atomic_files import write_whole
from akrim.trust.documents import Suffix, read_limited
from akrim.trust.keyring.names import KeyFile
from akrim.trust.keyring.statements import Statement, find_statements
from akrim.trust.refusal import Refused
from akrim.trust.signing.pairs import key_id, read_public_key
from akrim.trust.signing.signatures import is_valid, read_signature


@dataclass(frozen=True)
class Trust:
    """The current key, the replaced ones (id and reason), and the statements in force."""

    key: minisign.PublicKey
    replaced: dict[str, str]
    statements: tuple[Statement, ...]

    def check(self, path: Path) -> bytes:
        """The file's bytes; raises Refused if the current key has not signed them."""
        signature, by = read_signature(path)
        if by in self.replaced:
            raise Refused(
                "replaced_key",
                f"It is signed with the key {by}, which was replaced: {self.replaced[by]}.",
                str(path),
            )
        if by != key_id(self.key):
            raise Refused(
                "unknown_key",
                f"It is signed with the key {by}, not with {key_id(self.key)}, the one that is trusted.",
                str(path),
                "Do not use it; call the sender and compare key ids.",
            )
        try:
            raw = read_limited(path)
        except (OSError, ValueError) as error:
            raise Refused("altered", f"It cannot be read: {error}.", str(path)) from None
        if not is_valid(self.key, raw, signature):
            raise Refused("altered", f"The signature does not fit: {path.name} was altered.", str(path))
        return raw

    def statement(self, kind: str, release_id: str, recipient: str | None) -> dict[str, Any] | None:
        """The content of a signed statement of this kind on the release, and for this recipient if one is given."""
        for statement in self.statements:
            content = statement.content
            if (
                statement.kind == kind
                and content.get("release_id") == release_id
                and recipient in (None, content.get("recipient"))
            ):
                return content
        return None


def read_trust(keys: Path, beside: list[Path]) -> Trust:
    """The trust from a folder of keys, after every succession that can be proved.

    Args:
        keys: the folder of keys.
        beside: other folders that may have statements, such as the release's.

    Raises Refused if the folder has no signing key.
    """
    if not (keys / KeyFile.SIGNING).is_file():
        raise Refused(
            "no_keys",
            f"There is no {KeyFile.SIGNING} to check the signature with.",
            str(keys),
            "Name the folder that holds the sender's public keys: --keys FOLDER.",
        )
    key = read_public_key(keys / KeyFile.SIGNING)
    successor = read_public_key(keys / KeyFile.SUCCESSOR) if (keys / KeyFile.SUCCESSOR).is_file() else None
    found = find_statements([keys / KeyFile.STATEMENTS, *beside])
    key, replaced, proved = _follow_successions(key, successor, found)
    others = [s for s in found if s.kind != "succession" and s.is_by(key)]
    return Trust(key, replaced, (*proved, *others))


def keep_statements(keys: Path, trust: Trust) -> None:
    """Copy the statements in force to the keys, so that they stay in force when the files beside the release are gone.

    An existing statement of that name is not overwritten: a file's name must not be able to remove a recall.
    """
    folder = keys / KeyFile.STATEMENTS
    for statement in trust.statements:
        if statement.path.parent == folder:
            continue
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / statement.path.name
        if path.exists() and path.read_bytes() != statement.raw:
            path = folder / f"{hashlib.sha256(statement.raw).hexdigest()[:16]}{Suffix.STATEMENT}"
        write_whole(path.with_name(path.name + Suffix.SIGNATURE), bytes(statement.signature) + b"\n")
        write_whole(path, statement.raw)


def _follow_successions(
    key: minisign.PublicKey, successor: minisign.PublicKey | None, found: list[Statement]
) -> tuple[minisign.PublicKey, dict[str, str], list[Statement]]:
    """Follow successions from key to key, as long as the successor key of each has signed the next."""
    replaced: dict[str, str] = {}
    proved: list[Statement] = []
    successions = [statement for statement in found if statement.kind == "succession"]
    while successor is not None:
        following = next(
            (s for s in successions if s.is_by(successor) and s.content.get("replaces") == key_id(key)), None
        )
        if following is None:
            break
        content = following.content
        replaced[key_id(key)] = f"{content['reason']} ({content['date']})"
        key = minisign.PublicKey.from_base64(content["signing_key"])
        successor = minisign.PublicKey.from_base64(content["successor_key"])
        proved.append(following)
    return key, replaced, proved
