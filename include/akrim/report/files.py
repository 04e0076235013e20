"""Writes a report's page and its PDFs from the same content."""

from datetime import date
from pathlib import Path

from akrim.changes import Change
from akrim.report.content import Report, build_report
from akrim.report.edition import Earlier, Edition
from akrim.report.reference import Reference
from akrim.report.render.html import render_html
from akrim.report.render.pdf import render_pdf
from akrim.sharing import Tables


def write_report(
    folder: Path,
    edition: Edition,
    tables: Tables,
    earlier: Earlier,
    changes: list[Change],
    reference: Reference,
) -> Report:
    """Write the report into the centre's folder; returns what it says. Arguments as of `build_report`."""
    report = build_report(edition, tables, earlier, changes, reference)
    write_rendered(folder, report, edition.as_of)
    return report


def write_rendered(folder: Path, report: Report, as_of: date) -> None:
    """Write assessment.html of any recipient's report, and a PDF of each name that its parts are for."""
    (folder / "assessment.html").write_text(render_html(report), encoding="utf-8")
    for paper in sorted({paper for part in report.parts for paper in part.papers}):
        (folder / f"{paper}.pdf").write_bytes(render_pdf(report, paper, as_of))
