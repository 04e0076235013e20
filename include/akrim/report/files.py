"""Writes assessment.html and assessment.pdf from the same content."""

from pathlib import Path
from typing import Any

from akrim.changes import Change
from akrim.report.content import build_content, printed_content
from akrim.report.edition import Edition
from akrim.report.reference import Reference
from akrim.report.render.html import render_html
from akrim.report.render.pdf import render_pdf
from akrim.sharing import Tables


def write_report(
    folder: Path, edition: Edition, tables: Tables, changes: list[Change], reference: Reference
) -> dict[str, Any]:
    """Write the report into the centre's folder; returns its content."""
    content = build_content(edition, tables, changes, reference)
    (folder / "assessment.html").write_text(render_html(content), encoding="utf-8")
    (folder / "assessment.pdf").write_bytes(render_pdf(printed_content(content), edition.as_of))
    return content
