"""Signed statements sent beside releases: a recall, an erasure, a supersession, a new signing key, a dispute.

A statement is a small JSON file with its signature beside it; without a valid signature it is ignored.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import minisign

from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.trust.documents import Suffix, parse, read_limited
from akrim.trust.refusal import Refused
from akrim.trust.signing.pairs import key_id
from akrim.trust.signing.signatures import is_valid, read_signature, sign

LIMIT = 64 * 1024

Kind = Literal["recall", "supersession", "succession", "correction", "erasure"]


@dataclass(frozen=True)
class Statement:
    """A statement as found: its content, path, signed bytes, and the key that it claims."""

    content: dict[str, Any]
    path: Path
    raw: bytes
    signature: minisign.Signature
    signed_by: str

    @property
    def kind(self) -> str:
        return str(self.content.get("statement", ""))

    def is_by(self, key: minisign.PublicKey) -> bool:
        return self.signed_by == key_id(key) and is_valid(key, self.raw, self.signature)


def write_statement(folder: Path, name: str, content: dict[str, Any], key: minisign.SecretKey) -> Path:
    """Write a statement and its signature; returns the statement's path.

    Args:
        name: such as `recall-2026-T1.1`.
        content: with `statement`, the kind, and that kind's fields.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}{Suffix.STATEMENT}"
    write_whole(path, (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode())
    sign(path, key, f"{content['statement']} {name}".encode("ascii", "replace").decode())
    return path


def find_statements(folders: list[Path]) -> list[Statement]:
    """Every readable statement in the folders with a signature by any key, each once, ordered by name.

    Statements of equal names are all returned.
    """
    paths = sorted((path.name, path) for folder in folders for path in folder.glob(f"*{Suffix.STATEMENT}"))
    found = [statement for _, path in paths if (statement := _read(path)) is not None]
    return list(
        {(statement.raw, bytes(statement.signature)): statement for statement in reversed(found)}.values()
    )[::-1]


def read_content(path: Path) -> dict[str, Any]:
    """The content of a stored statement; raises UserError if the file is damaged."""
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
        signature, signed_by = read_signature(path)
    except (OSError, ValueError, Refused):
        return None
    return Statement(content, path, raw, signature, signed_by) if isinstance(content, dict) else None
