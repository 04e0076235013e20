"""The PDF for a screen reader: tagged, with language, title, and alternative texts (PDF/UA-1)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

pytestmark = pytest.mark.slow


def elements(node: Any) -> Iterator[dict[str, Any]]:
    """Every element of the structure tree."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from elements(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


MAX_PAGES = 6


def test_the_directors_pdf_has_few_pages_and_no_profile(oslo: Path) -> None:
    pages = PdfReader(oslo / "assessment.pdf").pages
    text = " ".join(page.extract_text() for page in pages)
    assert len(pages) <= MAX_PAGES
    assert "Rangert liste" in text
    assert "Hva som taler til fordel for personen" not in text


@pytest.mark.parametrize("name", ["assessment.pdf", "profiles.pdf"])
def test_the_pdf_is_tagged_and_says_what_drawings_show(oslo: Path, name: str) -> None:
    reader = PdfReader(oslo / name)
    root: Any = reader.trailer["/Root"]

    assert root["/Lang"] == "nb"
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert "2026-T1.1" in str(reader.metadata.title)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    found = list(elements(root["/StructTreeRoot"]))
    figures = [element for element in found if element["/S"] == "/Figure"]
    assert figures or name == "assessment.pdf"
    assert [element for element in figures if not str(element.get("/Alt", "")).strip()] == []
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI"} <= {element["/S"] for element in found}
