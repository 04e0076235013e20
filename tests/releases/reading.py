"""What a reader gets out of a PDF."""

from functools import lru_cache
from pathlib import Path

from pypdfium2 import PdfDocument


def text_of(path: Path) -> str:
    """The document's text, page after page."""
    return text_of_bytes(path.read_bytes())


@lru_cache(maxsize=256)
def text_of_bytes(content: bytes) -> str:
    """Kept, as searches read the same documents again and again."""
    pages = (page.get_textpage().get_text_range() for page in PdfDocument(content))
    return "\n".join(pages).replace("\r\n", "\n")
