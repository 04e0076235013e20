"""The profiles of the persons at the top of the list."""

from collections.abc import Sequence

from akrim.report.blocks import Block, Cards, Paragraph
from akrim.report.material import PROFILES_IN_HTML, PROFILES_IN_PDF, Material, Section
from akrim.report.profile.profile import build_profile


def _profiles(material: Material) -> Sequence[Block]:
    """Nothing where nobody is on the list, which says so itself: on paper a sentence alone would have a page of its own."""
    words, with_measures = material.words, material.edition.with_measures
    cards = [
        build_profile(entry, material.facts, words, with_measures)
        for entry in material.ranking[:PROFILES_IN_HTML]
    ]
    return (Paragraph(words("profiles_note")), Cards(cards, PROFILES_IN_PDF)) if cards else ()


SECTION = Section("profiles", 40, _profiles)
