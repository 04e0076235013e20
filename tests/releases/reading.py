"""What a reader gets out of a PDF."""

import io
from functools import lru_cache
from pathlib import Path

from pypdf import PdfReader


def text_of(path: Path) -> str:
    """The document's text, page after page."""
    return text_of_bytes(path.read_bytes())


@lru_cache(maxsize=256)
def text_of_bytes(content: bytes) -> str:
    """Kept, as searches read the same documents again and again, a second each."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
