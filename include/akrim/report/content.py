"""Everything that one centre's report says, from which both the HTML and the PDF are rendered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from akrim.changes import Change
from akrim.report.blocks import Block
from akrim.report.edition import Earlier, Edition, compared
from akrim.report.lists.groups import build_groups, names_of_listed
from akrim.report.lists.ranking import build_ranking
from akrim.report.material import Material, Paper
from akrim.report.reference import Reference
from akrim.report.sections import sections
from akrim.report.wording import Words
from akrim.sharing import Tables


@dataclass(frozen=True)
class Part:
    """A section with its blocks, and the PDFs that it is in."""

    name: str
    title: str
    blocks: Sequence[Block]
    papers: Sequence[Paper] = ("assessment",)


@dataclass(frozen=True)
class Report:
    """The report's head, its lists of persons and of groups, and its sections; `texts` are those that the renderers need themselves."""

    language: str
    texts: dict[str, str]
    head: dict[str, str]
    ranking: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    parts: Sequence[Part]


def build_report(
    edition: Edition, tables: Tables, earlier: Earlier, changes: list[Change], reference: Reference
) -> Report:
    """What one centre's report says.

    Args:
        changes: what is another since the release before.
    """
    words = reference.words()
    _, moves = compared(edition, changes)
    ranking = build_ranking(tables, moves, edition.centre_id, reference.quantity("strict_link"), words)
    groups = build_groups(tables, names_of_listed(ranking, words), words)
    material = Material(edition, tables, changes, reference, words, ranking, earlier)
    head = head_of(edition, words, words("title"), words.label("centre", edition.centre_id))
    return Report(words.language, words.texts, head, ranking, groups, tuple(_parts(material)))


def _parts(material: Material) -> Iterator[Part]:
    for section in sections():
        if blocks := section.build(material):
            yield Part(section.name, material.words(section.name), blocks, section.papers)


def head_of(edition: Edition, words: Words, title: str, recipient: str) -> dict[str, str]:
    """What stands above any recipient's report."""
    return {
        "title": title,
        "centre": recipient,
        "period": words.period(edition.period),
        "release_id": edition.release_id,
        "as_of": words.long_day(edition.as_of),
        "delivered": words.long_day(edition.delivered) if edition.delivered else "",
        "synthetic": words("synthetic_banner") if edition.is_synthetic else "",
        "handling": words("handling"),
    }
