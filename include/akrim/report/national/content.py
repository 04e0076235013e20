"""What the national report says, in the blocks that every report is made of."""

from collections.abc import Sequence
from pathlib import Path

from akrim.report.blocks import Block, Columns, Heading, Listing, Notice, Paragraph
from akrim.report.content import Part, Report, head_of
from akrim.report.edition import Earlier, Edition
from akrim.report.files import write_rendered
from akrim.report.national.actors import actors, told_of
from akrim.report.national.counts import by_centre, figures, municipalities
from akrim.report.national.measures import goals, shares_by_centre, situation
from akrim.report.national.quality import ages, efficacy, fairness
from akrim.report.national.since import since_last
from akrim.report.national.tiles import tile_map
from akrim.report.reference import Reference
from akrim.report.sections.accuracy import linkage_accuracy
from akrim.report.wording import Words
from akrim.sharing import Tables


def write_national_report(
    folder: Path, edition: Edition, tables: Tables, earlier: Earlier, reference: Reference
) -> Report:
    """Write the page and the PDF into the folder of the national part; returns what they say.

    Args:
        earlier: the tables of the national part of the release before, and of a revision those of the last one of the period before.
    """
    words = reference.words()
    texts = words.texts | {"subtitle": words("national_subtitle")}
    blocks_of = _blocks_of(edition, tables, earlier, reference, words)
    parts = tuple(Part(name, words(name), blocks) for name, blocks in blocks_of.items())
    head = head_of(edition, words, words("national_title"), words.label("recipient", edition.centre_id))
    report = Report(words.language, texts, head, [], [], parts)
    write_rendered(folder, report, edition.as_of)
    return report


def _blocks_of(
    edition: Edition, tables: Tables, earlier: Earlier, reference: Reference, words: Words
) -> dict[str, Sequence[Block]]:
    ages_told, warning = ages(tables, edition.as_of, words)
    last_period = (edition.since_last_period or {}).get("previous")
    compared = {
        "national_since": (edition.previous_release_id, earlier.before),
        "national_since_period": (last_period, earlier.last_period),
    }
    return {
        "national_overview": (
            Paragraph(f"{words('national_lead')} {words('not_a_suspicion')}", "lead"),
            Notice(warning),
            Notice(told_of(tables, words)),
            figures(tables, words),
            *tile_map(tables, words),
            *by_centre(tables, words),
            *since_last(compared, tables, words),
        ),
        "national_results": (
            Columns((situation(tables, words), goals(tables, words))),
            *shares_by_centre(tables, words),
        ),
        "national_actors": (
            Heading(words("national_without")),
            *municipalities(tables, reference.municipalities, words),
            *actors(tables, words),
        ),
        "national_quality": (
            Columns((ages_told, fairness(tables, words))),
            Heading(words("quality")),
            *linkage_accuracy(edition.quality, words),
            Heading(words("national_efficacy")),
            *efficacy(tables, words),
            Heading(words("national_method")),
            Listing(words("national_principles").split("\n")),
        ),
    }
