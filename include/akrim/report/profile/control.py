"""What the person probably controls through others, and for whom the person probably stands in.

A sign is no proof: it is told with what it rests on, and counts in capacity by how sure it is.
"""

from collections.abc import Collection, Sequence

from akrim.report.blocks import Block, Heading, Listing, Paragraph
from akrim.report.profile.facts import Facts, Row
from akrim.report.profile.findings.evidence import enterprise_reference
from akrim.report.wording import Words


def control_part(person_id: str, facts: Facts, words: Words) -> Sequence[Block]:
    """Each tie in a sentence; nothing where there is none."""
    ties = facts.fronts_of(person_id)
    told = [_told(person_id, tie, facts, words) for tie in ties]
    untold = _untold(person_id, {tie["orgnr"] for tie in ties}, facts, words)
    if not told and not untold:
        return ()
    note = words("control_note")
    if untold:
        note = f"{note} {words('control_untold_note')}"
    return Heading(words("control"), 2), Listing([*told, *untold]), Paragraph(note, "note")


def _told(person_id: str, tie: Row, facts: Facts, words: Words) -> str:
    is_behind = tie["person_id"] == person_id
    other = tie["front_person_id"] if is_behind else tie["person_id"]
    text = "controls_through" if is_behind else "stands_in_for"
    return words(
        f"{text}_then" if facts.has_ended(tie["orgnr"]) else text,
        enterprise=enterprise_reference(tie["orgnr"], facts),
        person=facts.names.get(other, other),
        sign=words.label("control_tie", tie["tie"]),
        date=words.day(tie["since_date"]),
    )


def _untold(person_id: str, told: Collection[str], facts: Facts, words: Words) -> list[str]:
    """What a rule counts as led through or for somebody whom the centre is not told of."""
    found = {
        (item["orgnr"], key)
        for row in facts.fired(person_id)
        for item in row["evidence"]
        for key in ("through_another", "lent_name")
        if item.get(key) and item["orgnr"] not in told
    }
    return [
        words(f"control_untold_{key}", enterprise=enterprise_reference(orgnr, facts))
        for orgnr, key in sorted(found)
    ]
