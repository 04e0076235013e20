"""assessment.html and assessment.pdf, drawn from the same content."""

from pathlib import Path
from typing import Any

from akrim.changes import Change
from akrim.report.content import content_of, for_print
from akrim.report.edition import Edition
from akrim.report.reference import Reference
from akrim.report.render.html import html_of
from akrim.report.render.pdf import pdf_of
from akrim.sharing import Tables


def write_report(
    folder: Path, edition: Edition, tables: Tables, changes: list[Change], reference: Reference
) -> dict[str, Any]:
    """Write the report into the centre's folder; returns its content."""
    content = content_of(edition, tables, changes, reference)
    (folder / "assessment.html").write_text(html_of(content), encoding="utf-8")
    (folder / "assessment.pdf").write_bytes(pdf_of(for_print(content), edition.as_of))
    return content
