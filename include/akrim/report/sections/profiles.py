"""The profiles of the persons at the top of the list."""

from collections.abc import Sequence

from akrim.report.blocks import Block, Cards, Paragraph
from akrim.report.profile.profile import build_profile
from akrim.report.registry import PROFILES_IN_HTML, PROFILES_IN_PDF, Material, Section


def _profiles(material: Material) -> Sequence[Block]:
    """Where nobody is on the list, that is said in place of what a profile is."""
    words, with_measures = material.words, material.edition.with_measures
    cards = [
        build_profile(entry, material.facts, words, with_measures)
        for entry in material.ranking[:PROFILES_IN_HTML]
    ]
    if not cards:
        return (Paragraph(words("list_empty")),)
    return Paragraph(words("profiles_note")), Cards(cards, PROFILES_IN_PDF)


SECTION = Section("profiles", 40, _profiles)
