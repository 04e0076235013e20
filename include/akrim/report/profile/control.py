"""What the person probably controls through others, and for whom the person probably stands in.

A sign is no proof: it is told with what it rests on, and counts in capacity by how sure it is.
"""

from collections.abc import Sequence

from akrim.report.blocks import Block, Heading, Listing, Paragraph
from akrim.report.profile.facts import Facts, Row
from akrim.report.profile.findings.evidence import enterprise_reference
from akrim.report.wording import Words


def control_part(person_id: str, facts: Facts, words: Words) -> Sequence[Block]:
    """Each tie in a sentence; nothing where there is none."""
    told = [_told(person_id, tie, facts, words) for tie in facts.fronts_of(person_id)]
    if not told:
        return ()
    return Heading(words("control"), 2), Listing(told), Paragraph(words("control_note"), "note")


def _told(person_id: str, tie: Row, facts: Facts, words: Words) -> str:
    is_behind = tie["person_id"] == person_id
    other = tie["front_person_id"] if is_behind else tie["person_id"]
    text = "controls_through" if is_behind else "stands_in_for"
    return words(
        f"{text}_then" if _has_ended(tie["orgnr"], facts) else text,
        enterprise=enterprise_reference(tie["orgnr"], facts),
        person=facts.names.get(other, other),
        sign=words.label("control_tie", tie["tie"]),
        date=words.day(tie["since_date"]),
    )


def _has_ended(orgnr: str, facts: Facts) -> bool:
    enterprise = facts.enterprises.get(orgnr)
    return bool(enterprise and (enterprise["bankruptcy_date"] or enterprise["deleted_date"]))
