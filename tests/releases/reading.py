"""What a reader gets out of a PDF."""

import io
from pathlib import Path

from pypdf import PdfReader


def text_of(path: Path) -> str:
    """The document's text, page after page."""
    return text_of_bytes(path.read_bytes())


def text_of_bytes(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
