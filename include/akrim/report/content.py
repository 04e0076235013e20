"""The report's content: in go a centre's tables, out comes one dict of finished texts.

The page and the PDF are drawn from the same dict, so that they say the same. Everything in it is text for a
reader in one language; nothing is formatted, translated or chosen in a template.
"""

from typing import Any

from akrim.changes import Change
from akrim.report.edition import Edition
from akrim.report.profile.facts import Facts
from akrim.report.profile.profile import EVENTS_IN_PRINT, profile_of
from akrim.report.ranking import ranking_of
from akrim.report.reference import Reference
from akrim.report.sections.method import method_of
from akrim.report.sections.outcomes import outcomes_of
from akrim.report.sections.overview import overview_of
from akrim.report.wording import Words
from akrim.sharing import Tables

# The page can be searched, a printed report must be carried: so many profiles each, the first on the list.
PROFILES_IN_PAGE = 300
PROFILES_IN_PDF = 25


def content_of(
    edition: Edition, tables: Tables, changes: list[Change], reference: Reference
) -> dict[str, Any]:
    """Everything that the report says, for one centre."""
    words = reference.words()
    ranking = ranking_of(tables, changes, words)
    facts = Facts(
        tables,
        [entry["person_id"] for entry in ranking[:PROFILES_IN_PAGE]],
        edition.as_of,
        reference.outcomes,
    )
    profiles = [
        profile_of(entry, facts, words, edition.with_measures) for entry in ranking[:PROFILES_IN_PAGE]
    ]
    return {
        "language": words.language,
        "t": words.texts,
        "head": _head(edition, reference, words),
        "overview": overview_of(edition, tables, ranking, changes, words),
        "ranking": ranking,
        "ranking_note": _ranking_note(ranking, words),
        "profiles": profiles,
        "events_in_print": EVENTS_IN_PRINT,
        "outcomes": outcomes_of(tables, words),
        "method": method_of(edition, reference, words),
    }


def for_print(content: dict[str, Any]) -> dict[str, Any]:
    """The same content with as many profiles as a printed report bears."""
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
        shown = {"page": min(listed, PROFILES_IN_PAGE), "pdf": PROFILES_IN_PDF}
        notes.append(words("ranking_note_profiles", listed=words.number(listed), **shown))
    return " ".join(notes)
