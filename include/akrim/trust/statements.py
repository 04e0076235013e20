"""Signed statements that travel beside releases: a recall, an erasure, a supersession, a new signing key, a dispute.

A statement is a small JSON file with its signature beside it. One that is not signed as it must be says nothing.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import minisign

from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.trust import signing
from akrim.trust.documents import parse, read_limited
from akrim.trust.refusal import Refused

SUFFIX = ".statement.json"
# A statement that names persons is sealed like a release.
NOTICE_SUFFIX = ".notice.age"
LIMIT = 64 * 1024

Kind = Literal["recall", "supersession", "succession", "correction", "erasure"]


@dataclass(frozen=True)
class Statement:
    """A statement as found: its content, where it lies, the bytes that are signed, and by which key."""

    content: dict[str, Any]
    path: Path
    raw: bytes
    signature: minisign.Signature
    signed_by: str

    @property
    def kind(self) -> str:
        return str(self.content.get("statement", ""))

    def is_by(self, key: minisign.PublicKey) -> bool:
        return self.signed_by == signing.key_id(key) and signing.fits(key, self.raw, self.signature)


def write_statement(folder: Path, name: str, content: dict[str, Any], key: minisign.SecretKey) -> Path:
    """Write a statement and its signature; returns the statement's path.

    Args:
        name: such as `recall-2026-T1.1`.
        content: with `statement`, the kind, and what that kind tells.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}{SUFFIX}"
    write_whole(path, (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode())
    signing.sign(path, key, f"{content['statement']} {name}".encode("ascii", "replace").decode())
    return path


def find_statements(folders: list[Path]) -> list[Statement]:
    """Every readable statement with a signature of whatever key in the folders, in order of name, each once.

    A name says nothing: a file that bears another's name takes nothing away from it.
    """
    paths = sorted((path.name, path) for folder in folders for path in folder.glob(f"*{SUFFIX}"))
    found = [statement for _, path in paths if (statement := _read(path)) is not None]
    return list(
        {(statement.raw, bytes(statement.signature)): statement for statement in reversed(found)}.values()
    )[::-1]


def read_content(path: Path) -> dict[str, Any]:
    """What a statement that was kept here says; raises UserError where the file is damaged."""
    try:
        content = parse(read_limited(path, LIMIT))
    except (OSError, ValueError) as error:
        content = error
    if not isinstance(content, dict):
        raise UserError(
            "A kept statement is damaged.",
            str(path),
            "Put it back from a copy, or delete it and fetch or make it again.",
        )
    return content


def _read(path: Path) -> Statement | None:
    try:
        raw = read_limited(path, LIMIT)
        content = parse(raw)
        signature, signed_by = signing.read_signature(path)
    except (OSError, ValueError, Refused):
        return None
    return Statement(content, path, raw, signature, signed_by) if isinstance(content, dict) else None
