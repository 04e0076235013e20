"""What in a decision speaks against itself, or against another of the same day: which of the two holds, the team alone can say."""

from collections.abc import Iterable

from akrim.contracts import DISMISSED
from akrim.report.profile.facts import Row
from akrim.report.wording import Words, clean

# What the team wants work on; of the others it has said that they can wait or are done.
WORKED_ON = ("prioriter", "overvaak")
CLOSED = "avslutt"


def contradiction(decision: Row, decisions: Iterable[Row], words: Words) -> str:
    """In a sentence or two; empty where nothing contradicts.

    Args:
        decisions: all on the same person, network or enterprise, of which the centre's own of the same day are heeded.
    """
    return " ".join(filter(None, [_of_itself(decision, words), *_of_the_day(decision, decisions, words)]))


def _of_itself(decision: Row, words: Words) -> str:
    """A dismissal that asks for work all the same, or a matter to be closed that has a measure still."""
    priority, actions = decision["priority_code"], clean(decision["actions"])
    measure = [words("yet_measure", measure=actions)] if actions else []
    if decision["status"] == DISMISSED:
        work = priority in WORKED_ON
        asked = [
            *([words("yet_priority", priority=words.label("priority", priority))] if work else []),
            *measure,
        ]
        return words("contradicts_itself", asked=words.listing(asked)) if asked else ""
    if priority == CLOSED and measure:
        return words("contradicts_closing", asked=words.listing(measure))
    return ""


def _of_the_day(decision: Row, decisions: Iterable[Row], words: Words) -> Iterable[str]:
    said = {
        _said(other, words): None
        for other in decisions
        if (other["centre_id"], other["decided_date"]) == (decision["centre_id"], decision["decided_date"])
    }
    return [
        words("contradicts_other", said=other) for other in sorted(said) if other != _said(decision, words)
    ]


def _said(decision: Row, words: Words) -> str:
    parts = ("status", decision["status"]), ("priority", decision["priority_code"])
    return ", ".join(words.label(code_list, code) for code_list, code in parts)
