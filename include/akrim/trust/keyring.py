"""A folder of keys, at a centre or at the installation, and whom it makes one trust.

signing.pub            the key that releases are signed with
successor.pub          the offline key that alone can name a new signing key; pinned from the start
centre.txt             at a centre: which one it is
identity.txt           at a centre: its secret age keys, newest first; the old ones still open old files
decisions.key, .pub    at a centre: the key that it signs its decisions with, and the part to hand over
statements/            recalls and successions that were seen, kept so that they go on counting
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

DECISIONS_SECRET, DECISIONS = "decisions.key", "decisions.pub"
SIGNING, SUCCESSOR, CENTRE, SEEN, STATEMENTS = (
    "signing.pub", "successor.pub", "centre.txt", "seen.json", "statements",
)  # fmt: skip
REMEMBERED = ("revision", "release_id", "manifest_sha256", "period")


@dataclass(frozen=True)
class Trust:
    """The key that counts now, those that a successor has replaced (id and why), and the statements in force."""

    key: minisign.PublicKey
    replaced: dict[str, str]
    statements: tuple[Statement, ...]

    def check(self, path: Path) -> bytes:
        """The file's bytes, signed by the key that counts; raises Refused otherwise."""
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
        if not signing.fits(self.key, raw, signature):
            raise Refused("altered", f"The signature does not fit: {path.name} was altered.", str(path))
        return raw

    def statement(self, kind: str, release_id: str, recipient: str | None) -> dict[str, Any] | None:
        """What a signed statement of the kind says of the release, for this recipient where one is named."""
        for statement in self.statements:
            said = statement.content
            if (
                statement.kind == kind
                and said.get("release_id") == release_id
                and recipient in (None, said.get("recipient"))
            ):
                return said
        return None


def read_trust(keys: Path, beside: list[Path]) -> Trust:
    """Whom the folder's keys make one trust, after every succession that can be proved.

    Args:
        keys: the folder of keys.
        beside: further folders in which statements may lie, such as the one that the release came in.

    Raises Refused where the folder holds no signing key.
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
    key, replaced, proved = _follow(key, successor, found)
    others = [s for s in found if s.kind != "succession" and s.is_by(key)]
    return Trust(key, replaced, (*proved, *others))


def keep_statements(keys: Path, trust: Trust) -> None:
    """Keep the statements in force with the keys, so that they count when the files beside the release are gone.

    A name that is taken by another statement is left to it: whoever names a file must not drop a recall that was kept.
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


def _follow(
    key: minisign.PublicKey, successor: minisign.PublicKey | None, found: list[Statement]
) -> tuple[minisign.PublicKey, dict[str, str], list[Statement]]:
    """Go from key to key as long as the offline key of the time has signed the next step."""
    replaced: dict[str, str] = {}
    proved: list[Statement] = []
    steps = [statement for statement in found if statement.kind == "succession"]
    while successor is not None:
        step = next(
            (s for s in steps if s.is_by(successor) and s.content.get("replaces") == signing.key_id(key)),
            None,
        )
        if step is None:
            break
        said = step.content
        replaced[signing.key_id(key)] = f"{said['reason']} ({said['date']})"
        key = minisign.PublicKey.from_base64(said["signing_key"])
        successor = minisign.PublicKey.from_base64(said["successor_key"])
        proved.append(step)
    return key, replaced, proved


def read_seen(keys: Path) -> dict[str, dict[str, Any]]:
    """Each period's newest verified release: period, revision, release_id, manifest_sha256.

    Raises UserError where the file is empty or damaged.
    """
    path = keys / SEEN
    if not path.exists():
        return {}
    try:
        seen = parse(read_limited(path))
        return {period: {name: said[name] for name in REMEMBERED} for period, said in seen.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            "What was verified before can no longer be read.",
            str(path),
            "Put it back from a copy; without one, delete it, and take care that no older release is used for a newer one.",
        ) from None


def write_seen(keys: Path, seen: dict[str, dict[str, Any]]) -> None:
    write_whole(keys / SEEN, (json.dumps(seen, indent=2) + "\n").encode())


def read_centre(keys: Path) -> str | None:
    """The centre whose folder of keys it is; None at the installation. Raises UserError where the file is damaged."""
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
