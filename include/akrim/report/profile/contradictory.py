"""What in a decision speaks against itself, or against another: which of the two holds, the team alone can say."""

from collections.abc import Iterable

from akrim.contracts import DISMISSED
from akrim.periods import release_order
from akrim.report.profile.facts import Row
from akrim.report.wording import Words

# What the team wants work on; of the others it has said that they can wait or are done.
WORKED_ON = ("prioriter", "overvaak")


def contradiction(decision: Row, decisions: Iterable[Row], words: Words) -> str:
    """In a sentence or two; empty where nothing contradicts.

    Args:
        decisions: all on the same person, network or enterprise, of which the centre's own are heeded.
    """
    own = _own(decision, decisions)
    told = (
        _of_itself(decision, words),
        *_of_the_day(decision, own, words),
        _of_an_early_day(decision, own, words),
        _of_an_early_review(decision, words),
    )
    return " ".join(filter(None, told))


def contradictions(in_force: Row, decisions: Iterable[Row], words: Words) -> list[tuple[Row, str]]:
    """What contradicts in the decision in force, and in the one that its centre has told last where that is another."""
    last = _told_last(_own(in_force, decisions))
    asked = {row["decision_id"]: row for row in (in_force, last)}
    return [(row, told) for row in asked.values() if (told := contradiction(row, decisions, words))]


def _own(decision: Row, decisions: Iterable[Row]) -> list[Row]:
    return [other for other in decisions if other["centre_id"] == decision["centre_id"]]


def _of_itself(decision: Row, words: Words) -> str:
    """A dismissal that asks for work all the same. What is written beside it may be a comment as well as a measure, and says nothing here."""
    priority = decision["priority_code"]
    if decision["status"] == DISMISSED and priority in WORKED_ON:
        return words("contradicts_itself", priority=words.label("priority", priority))
    return ""


def _of_the_day(decision: Row, decisions: Iterable[Row], words: Words) -> Iterable[str]:
    said = {
        _said(other, words): None for other in decisions if other["decided_date"] == decision["decided_date"]
    }
    return [
        words("contradicts_other", said=other) for other in sorted(said) if other != _said(decision, words)
    ]


def _of_an_early_day(decision: Row, decisions: Iterable[Row], words: Words) -> str:
    """Dated before there was the release that it is on, as by a mistyped year: an earlier decision may hold in its place."""
    release_id, day = decision["decided_release_id"], decision["decided_date"]
    if (
        day > release_order(release_id)[0].as_of
        or decision["decision_id"] != _told_last(decisions)["decision_id"]
    ):
        return ""
    said = _said(decision, words)
    return words("contradicts_release", said=said, release_id=release_id, date=words.day(day))


def _of_an_early_review(decision: Row, words: Words) -> str:
    """To be looked at again before it was taken: it is overdue from the start, as by a mistyped year."""
    day, review = decision["decided_date"], decision.get("next_review_date")
    if review is None or review >= day:
        return ""
    return words("contradicts_review", review=words.day(review), date=words.day(day))


def _told_last(decisions: Iterable[Row]) -> Row:
    """The decision on the newest release, by date where there are several: what the team has said last, whatever day it bears."""

    def order(decision: Row) -> tuple[object, ...]:
        return (
            release_order(decision["decided_release_id"]),
            decision["decided_date"],
            decision["decision_id"],
        )

    return max(decisions, key=order)


def _said(decision: Row, words: Words) -> str:
    parts = ("status", decision["status"]), ("priority", decision["priority_code"])
    return ", ".join(words.label(code_list, code) for code_list, code in parts)
