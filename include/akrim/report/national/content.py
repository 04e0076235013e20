"""What the national report says, in the blocks that every report is made of."""

from collections.abc import Sequence
from pathlib import Path

from akrim.report.blocks import Block, Columns, Heading, Listing, Notice, Paragraph
from akrim.report.content import Part, Report
from akrim.report.edition import Edition
from akrim.report.national.actors import actors, told_of
from akrim.report.national.counts import by_centre, figures, municipalities
from akrim.report.national.measures import goals, shares_by_centre, situation
from akrim.report.national.quality import ages, efficacy, fairness
from akrim.report.reference import Reference
from akrim.report.render.html import render_html
from akrim.report.render.pdf import render_pdf
from akrim.report.sections.accuracy import linkage_accuracy
from akrim.report.wording import Words
from akrim.sharing import Tables


def write_national_report(folder: Path, edition: Edition, tables: Tables, reference: Reference) -> Report:
    """Write assessment.html and assessment.pdf into the folder of the national part; returns what they say."""
    words = reference.words()
    texts = words.texts | {"subtitle": words("national_subtitle")}
    parts = tuple(
        Part(name, words(name), blocks)
        for name, blocks in _parts(edition, tables, reference, words)
        if blocks
    )
    report = Report(words.language, texts, _head(edition, words), [], [], parts)
    (folder / "assessment.html").write_text(render_html(report), encoding="utf-8")
    (folder / "assessment.pdf").write_bytes(render_pdf(report, edition.as_of))
    return report


def _head(edition: Edition, words: Words) -> dict[str, str]:
    return {
        "title": words("national_title"),
        "centre": words.label("recipient", edition.centre_id),
        "period": words("period_name", tertial=edition.period[-1], year=edition.period[:4]),
        "release_id": edition.release_id,
        "as_of": words.long_day(edition.as_of),
        "synthetic": words("synthetic_banner") if edition.is_synthetic else "",
        "handling": words("handling"),
    }


def _parts(
    edition: Edition, tables: Tables, reference: Reference, words: Words
) -> Sequence[tuple[str, Sequence[Block]]]:
    ages_told, warning = ages(tables, words)
    return (
        (
            "national_overview",
            (
                Paragraph(f"{words('national_lead')} {words('not_a_suspicion')}", "lead"),
                Notice(warning),
                Notice(told_of(tables, words)),
                figures(tables, words),
                *by_centre(tables, words),
            ),
        ),
        (
            "national_results",
            (Columns((situation(tables, words), goals(tables, words))), *shares_by_centre(tables, words)),
        ),
        (
            "national_actors",
            (
                Heading(words("national_without")),
                *municipalities(tables, reference.municipalities, words),
                *actors(tables, words),
            ),
        ),
        (
            "national_quality",
            (
                Columns((ages_told, fairness(tables, words))),
                Heading(words("quality")),
                *linkage_accuracy(edition.quality, words),
                Heading(words("national_efficacy")),
                *efficacy(tables, words),
                Heading(words("national_method")),
                Listing(words("national_principles").split("\n")),
            ),
        ),
    )
