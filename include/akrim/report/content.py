"""Everything that the report says, as one dict of finished texts.

The HTML and the PDF are rendered from the same dict, so they agree. Each text is in the reader's language already;
the templates neither format, translate nor choose anything.
"""

from typing import Any

from akrim.changes import Change
from akrim.report.edition import Edition
from akrim.report.profile.facts import Facts
from akrim.report.profile.profile import EVENTS_IN_PRINT, build_profile
from akrim.report.ranking import build_ranking
from akrim.report.reference import Reference
from akrim.report.sections.method import method_section
from akrim.report.sections.outcomes import outcomes_section
from akrim.report.sections.overview import overview_section
from akrim.report.wording import Words
from akrim.sharing import Tables

# The HTML can be searched, the PDF is printed: each has the profiles of so many persons from the top of the list.
PROFILES_IN_HTML = 300
PROFILES_IN_PDF = 25


def build_content(
    edition: Edition, tables: Tables, changes: list[Change], reference: Reference
) -> dict[str, Any]:
    """The content of one centre's report."""
    words = reference.words()
    ranking = build_ranking(tables, changes, words)
    facts = Facts(
        tables,
        [entry["person_id"] for entry in ranking[:PROFILES_IN_HTML]],
        edition.as_of,
        reference.outcomes,
    )
    profiles = [
        build_profile(entry, facts, words, edition.with_measures) for entry in ranking[:PROFILES_IN_HTML]
    ]
    return {
        "language": words.language,
        "t": words.texts,
        "head": _head(edition, reference, words),
        "overview": overview_section(edition, tables, ranking, changes, words),
        "ranking": ranking,
        "ranking_note": _ranking_note(ranking, words),
        "profiles": profiles,
        "events_in_print": EVENTS_IN_PRINT,
        "outcomes": outcomes_section(tables, words),
        "method": method_section(edition, reference, words),
    }


def printed_content(content: dict[str, Any]) -> dict[str, Any]:
    """The same content with the profiles that are printed."""
    return content | {"profiles": content["profiles"][:PROFILES_IN_PDF]}


def _head(edition: Edition, reference: Reference, words: Words) -> dict[str, str]:
    return {
        "title": words("title"),
        "centre": reference.centre_name(edition.centre_id),
        "period": words("period_name", tertial=edition.period[-1], year=edition.period[:4]),
        "release_id": edition.release_id,
        "as_of": words.long_day(edition.as_of),
        "previous": edition.previous_release_id or "",
        "synthetic": words("synthetic_banner") if edition.is_synthetic else "",
        "handling": words("handling"),
    }


def _ranking_note(ranking: list[dict[str, Any]], words: Words) -> str:
    notes = [words("ranking_note")]
    listed = len(ranking)
    if any(entry["range"] for entry in ranking):
        notes.append(words("ranking_note_range"))
    if listed > PROFILES_IN_PDF:
        shown = {"page": min(listed, PROFILES_IN_HTML), "pdf": PROFILES_IN_PDF}
        notes.append(words("ranking_note_profiles", listed=words.number(listed), **shown))
    return " ".join(notes)
