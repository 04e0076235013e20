"""What a reader gets out of a PDF."""

from pathlib import Path

from pypdf import PdfReader


def text_of(path: Path) -> str:
    """The document's text, page after page."""
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)
