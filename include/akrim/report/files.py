"""Writes assessment.html and assessment.pdf from the same content."""

from datetime import date
from pathlib import Path

from akrim.changes import Change
from akrim.report.content import Report, build_report
from akrim.report.edition import Edition
from akrim.report.reference import Reference
from akrim.report.render.html import render_html
from akrim.report.render.pdf import render_pdf
from akrim.sharing import Tables


def write_report(
    folder: Path,
    edition: Edition,
    tables: Tables,
    before: Tables,
    changes: list[Change],
    reference: Reference,
) -> Report:
    """Write the report into the centre's folder; returns what it says. Arguments as of `build_report`."""
    report = build_report(edition, tables, before, changes, reference)
    write_rendered(folder, report, edition.as_of)
    return report


def write_rendered(folder: Path, report: Report, as_of: date) -> None:
    """Write assessment.html and assessment.pdf of any recipient's report."""
    (folder / "assessment.html").write_text(render_html(report), encoding="utf-8")
    (folder / "assessment.pdf").write_bytes(render_pdf(report, as_of))
