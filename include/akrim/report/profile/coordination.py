"""Which agencies know a person and have open matters about him, so that they can coordinate."""

from collections.abc import Sequence

from akrim.report.blocks import Block, Heading, Listing
from akrim.report.profile.facts import Facts, Row
from akrim.report.wording import Words


def coordination_part(person_id: str, facts: Facts, words: Words) -> Sequence[Block]:
    """The sentences; none where the person is not assessed."""
    return [
        block
        for row in facts.coordination.get(person_id, [])
        for block in (Heading(words("coordination"), 2), Listing(_sentences(row, words)))
    ]


def touched(row: Row, words: Words) -> str:
    """What the agencies have had to do with a person on whom nobody works: the last control, who knows him, a decision that puts him off."""
    last, known_by = row["last_control_date"], words.listing(words.agencies(row["agencies_that_know"]))
    sentences = [words("last_control", date=words.day(last)) if last else words("never_controlled")]
    if known_by:
        sentences.append(words("known_by", agencies=known_by))
    if row["priority_code"]:
        priority = words.label("priority", row["priority_code"]).lower()
        sentences.append(words("centre_priority", priority=priority))
    return " ".join(sentences)


def _sentences(row: Row, words: Words) -> list[str]:
    known_by = words.listing(words.agencies(row["agencies_that_know"]))
    sentences = [words("known_by", agencies=known_by)] if known_by else []
    if row["open_matters"]:
        open_at = [
            f"{name} ({words.number(at['matters'])})"
            for at in row["open_matters_by_agency"]
            for name in words.agencies(at["agency"])
        ]
        sentences.append(words("open_with", agencies=words.listing(open_at)))
    else:
        sentences.append(words("open_none" if row["open_matters"] is not None else "open_withheld"))
    if row["enterprises_controlled_twice"]:
        enterprises = words.counted("enterprise", row["enterprises_controlled_twice"])
        sentences.append(words("controlled_twice", enterprises=enterprises))
    if row["last_control_date"]:
        sentences.append(words("last_control", date=words.day(row["last_control_date"])))
    if row["nobody_works_on"]:
        sentences.append(words("nobody_works_on"))
    return sentences
