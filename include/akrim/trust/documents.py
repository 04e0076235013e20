"""JSON that came from somebody else: read with a bound on size and depth, and names that may become paths.

Nothing here trusts what it reads: a document is only what it looks like until its signature was checked.
"""

import json
import re
from pathlib import Path
from typing import Any

# A release's manifest names some hundred files; its largest part, what was measured, is a few hundred kilobytes.
LARGEST_DOCUMENT = 16 * 1024 * 1024
PART = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"
NAME = re.compile(rf"{PART}(/{PART}){{0,7}}")


def read_limited(path: Path, limit: int = LARGEST_DOCUMENT) -> bytes:
    """The bytes of a plain file; raises OSError where it is none, ValueError where it is larger than the limit."""
    if not path.is_file():  # a pipe would be waited for, a device never end
        raise FileNotFoundError(2, "There is no such file", str(path))
    with path.open("rb") as file:
        raw = file.read(limit + 1)
    if len(raw) > limit:
        raise ValueError(f"it is larger than {limit:,} bytes")
    return raw


def parse(raw: bytes) -> Any:
    """The JSON in the bytes; raises ValueError for what is none, is nested too deeply or holds half a character."""
    try:
        content = json.loads(raw)
        json.dumps(content, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return content


def is_plain_name(name: str) -> bool:
    """Whether the name, with its folders, is one that files of a release have: it can lie nowhere but below its folder."""
    return NAME.fullmatch(name) is not None


def shown(name: str) -> str:
    """A name as it may be printed, whatever it is made of."""
    return name if name.isprintable() else ascii(name)
