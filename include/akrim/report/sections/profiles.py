"""The profiles of the persons at the top of the list."""

from collections.abc import Sequence

from akrim.report.blocks import Block, Cards, Paragraph
from akrim.report.profile.facts import Facts
from akrim.report.profile.profile import build_profile
from akrim.report.registry import PROFILES_IN_HTML, PROFILES_IN_PDF, Material, Section


def _profiles(material: Material) -> Sequence[Block]:
    entries = material.ranking[:PROFILES_IN_HTML]
    person_ids = [entry["person_id"] for entry in entries]
    reference = material.reference
    facts = Facts(
        material.tables,
        person_ids,
        material.edition.as_of,
        reference.outcomes,
        reference.rules,
        reference.thresholds,
    )
    cards = [build_profile(entry, facts, material.words, material.edition.with_measures) for entry in entries]
    return Paragraph(material.words("profiles_note")), Cards(cards, PROFILES_IN_PDF)


SECTION = Section("profiles", 40, _profiles)
