"""A folder of keys, at a centre or at the installation, and the trust that follows from it.

signing.pub            the key that releases are signed with
successor.pub          the offline key that alone can name a new signing key; pinned from the start
centre.txt             at a centre: its id
identity.txt           at a centre: its secret age keys, newest first; the old ones still open old files
decisions.key, .pub    at a centre: the key pair that it signs its decisions with
centres/               at the installation: the public keys of the centres that sign their decisions
statements/            withdrawals and successions seen earlier, kept so that they stay in force
seen.json              at a centre: the newest release that was verified
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import minisign

from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.trust import signing
from akrim.trust.documents import parse, read_limited
from akrim.trust.refusal import Refused
from akrim.trust.statements import SUFFIX, Statement, find_statements

DECISIONS_SECRET, DECISIONS, SIGNERS = "decisions.key", "decisions.pub", "centres"
SIGNING, SUCCESSOR, CENTRE, SEEN, STATEMENTS = (
    "signing.pub", "successor.pub", "centre.txt", "seen.json", "statements",
)  # fmt: skip
REMEMBERED = ("revision", "release_id", "manifest_sha256", "period")


@dataclass(frozen=True)
class Trust:
    """The current key, the replaced ones (id and reason), and the statements in force."""

    key: minisign.PublicKey
    replaced: dict[str, str]
    statements: tuple[Statement, ...]

    def check(self, path: Path) -> bytes:
        """The file's bytes; raises Refused if the current key has not signed them."""
        signature, by = signing.read_signature(path)
        if by in self.replaced:
            raise Refused(
                "replaced_key",
                f"It is signed with the key {by}, which was replaced: {self.replaced[by]}.",
                str(path),
            )
        if by != signing.key_id(self.key):
            raise Refused(
                "unknown_key",
                f"It is signed with the key {by}, not with {signing.key_id(self.key)}, the one that is trusted.",
                str(path),
                "Do not use it; call the sender and compare key ids.",
            )
        try:
            raw = read_limited(path)
        except (OSError, ValueError) as error:
            raise Refused("altered", f"It cannot be read: {error}.", str(path)) from None
        if not signing.is_valid(self.key, raw, signature):
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
    if not (keys / SIGNING).is_file():
        raise Refused(
            "no_keys",
            f"There is no {SIGNING} to check the signature with.",
            str(keys),
            "Name the folder that holds the sender's public keys: --keys FOLDER.",
        )
    key = signing.read_public_key(keys / SIGNING)
    successor = signing.read_public_key(keys / SUCCESSOR) if (keys / SUCCESSOR).is_file() else None
    found = find_statements([keys / STATEMENTS, *beside])
    key, replaced, proved = _follow_successions(key, successor, found)
    others = [s for s in found if s.kind != "succession" and s.is_by(key)]
    return Trust(key, replaced, (*proved, *others))


def keep_statements(keys: Path, trust: Trust) -> None:
    """Copy the statements in force to the keys, so that they stay in force when the files beside the release are gone.

    An existing statement of that name is not overwritten: a file's name must not be able to remove a withdrawal.
    """
    folder = keys / STATEMENTS
    for statement in trust.statements:
        if statement.path.parent == folder:
            continue
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / statement.path.name
        if path.exists() and path.read_bytes() != statement.raw:
            path = folder / f"{hashlib.sha256(statement.raw).hexdigest()[:16]}{SUFFIX}"
        write_whole(path.with_name(path.name + signing.SUFFIX), bytes(statement.signature) + b"\n")
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
            (
                s
                for s in successions
                if s.is_by(successor) and s.content.get("replaces") == signing.key_id(key)
            ),
            None,
        )
        if following is None:
            break
        content = following.content
        replaced[signing.key_id(key)] = f"{content['reason']} ({content['date']})"
        key = minisign.PublicKey.from_base64(content["signing_key"])
        successor = minisign.PublicKey.from_base64(content["successor_key"])
        proved.append(following)
    return key, replaced, proved


def read_seen(keys: Path) -> dict[str, dict[str, Any]]:
    """Each period's newest verified release: period, revision, release_id, manifest_sha256.

    Raises UserError if the file is empty or damaged.
    """
    path = keys / SEEN
    if not path.exists():
        return {}
    try:
        seen = parse(read_limited(path))
        return {period: {name: release[name] for name in REMEMBERED} for period, release in seen.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            "What was verified before can no longer be read.",
            str(path),
            "Put it back from a copy; without one, delete it, and take care that no older release is used for a newer one.",
        ) from None


def write_seen(keys: Path, seen: dict[str, dict[str, Any]]) -> None:
    write_whole(keys / SEEN, (json.dumps(seen, indent=2) + "\n").encode())


def read_centre(keys: Path) -> str | None:
    """The centre that the folder of keys belongs to; None at the installation. Raises UserError if the file is damaged."""
    path = keys / CENTRE
    if not path.exists():
        return None
    try:
        name = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        name = ""
    if not name:
        raise UserError(
            "It does not say which centre's keys these are.",
            str(path),
            "Write the centre's name into it, such as oslo.",
        )
    return name
