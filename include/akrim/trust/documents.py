"""Reads JSON from others, with limits on size and depth, and checks names that become paths.

Nothing read here is trusted until its signature has been checked.
"""

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Any

# A release's manifest names some hundred files; its largest part, the measures, is a few hundred kilobytes.
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
PART = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"
NAME = re.compile(rf"{PART}(/{PART}){{0,7}}")


class Suffix(StrEnum):
    """What the names of the files end in that go from one machine to another."""

    SIGNATURE = ".minisig"
    STATEMENT = ".statement.json"
    # A statement that names persons, which is sealed like a release.
    NOTICE = ".notice.age"
    RECEIPT = ".receipt.json"


def read_limited(path: Path, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
    """The bytes of a regular file; raises OSError if it is not one, ValueError if it exceeds the limit."""
    if not path.is_file():  # a pipe could block, a device never end
        raise FileNotFoundError(2, "There is no such file", str(path))
    with path.open("rb") as file:
        raw = file.read(limit + 1)
    if len(raw) > limit:
        raise ValueError(f"it is larger than {limit:,} bytes")
    return raw


def parse(raw: bytes) -> Any:
    """The parsed JSON; raises ValueError if it is invalid, nested too deeply or has an unpaired surrogate."""
    try:
        content = json.loads(raw)
        json.dumps(content, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return content


def is_plain_name(name: str) -> bool:
    """Whether a relative path is one that a release's file may have; it cannot lead out of its folder."""
    return NAME.fullmatch(name) is not None


def printable(name: str) -> str:
    """A name that is safe to print, whatever it contains."""
    return name if name.isprintable() else ascii(name)
