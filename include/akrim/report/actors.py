"""A person's profile and a group's by themselves, for a page that shows one of them: what a centre's report says, from that centre's rows alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from akrim.report.blocks import Block, Paragraph
from akrim.report.edition import Edition
from akrim.report.lists.group_network import network_of_group
from akrim.report.lists.ranking import build_ranking
from akrim.report.material import Material
from akrim.report.profile.facts import Facts
from akrim.report.profile.profile import build_profile
from akrim.report.reference import Reference
from akrim.report.sections.groups import group_table
from akrim.sharing import Tables


@dataclass(frozen=True)
class SentPart:
    """Which release's rows they are, and of which centre; `addresses` is where the pages of persons are, by their ids."""

    release_id: str
    period: str
    as_of: date
    centre_id: str
    with_measures: bool
    addresses: Mapping[str, str]


def person_profile(
    person_id: str, place: int, tables: Tables, part: SentPart, reference: Reference
) -> Sequence[Block]:
    """The profile of a person on the centre's list, as the report has it.

    Args:
        place: on the list.
        tables: the centre's rows about the person (akrim.sharing.sent_about_person).
    """
    words = reference.words()
    strict_link = reference.quantity("strict_link")
    entry = build_ranking(tables, [], part.centre_id, strict_link, words, place)[0]
    facts = Facts(
        tables,
        dict(part.addresses) | {person_id: ""},
        part.as_of,
        reference.outcomes,
        reference.rules,
        reference.thresholds,
    )
    card = build_profile(entry, facts, words, part.with_measures)
    return (Paragraph(card.lines), *card.blocks)


def group_profile(group_id: str, tables: Tables, part: SentPart, reference: Reference) -> Sequence[Block]:
    """What the report says of a network or an enterprise: its line with members and rules, and of a network a drawing.

    Args:
        tables: the centre's rows about the group (akrim.sharing.sent_about_group).
    """
    edition = Edition(part.release_id, part.period, part.as_of, part.centre_id, None, False, {})
    material = Material(edition, tables, [], reference, reference.words(), [])
    return (group_table(group_id, material), *network_of_group(tables, part.addresses, material.words))
