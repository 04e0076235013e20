"""Which agency is to do what: the team's decisions in force by the agency that answers for them, and whether it has an open case."""

from collections.abc import Sequence
from typing import Any

from akrim.contracts import DISMISSED
from akrim.report.blocks import Block, Content, Heading, Paragraph, Table, Text, columns, left_out_note
from akrim.report.lists.agenda import decided_on, is_overdue, standing_decisions, standing_group_decisions
from akrim.report.material import Material
from akrim.report.profile.contradictory import WORKED_ON
from akrim.report.profile.facts import Facts, Row
from akrim.report.wording import DASH, Words, clean

MAX_TASKS = 40
PRINTED_TASKS = 10


def tasks(material: Material) -> Sequence[Block]:
    """A row for each decision in force that is no dismissal, by agency, what it is to work on first."""
    words = material.words
    decisions = (*standing_decisions(material), *standing_group_decisions(material))
    found = [row for row in decisions if row["status"] != DISMISSED]
    if not material.ranking:
        return ()
    if not found:
        return Heading(words("tasks")), Paragraph(words("tasks_none"))

    def order(row: Row) -> tuple[Any, ...]:
        agency, about = words.agency(row["responsible_agency"]), row.get("group_id") or row["person_id"]
        return agency, row["priority_code"] not in WORKED_ON, material.place(about), about

    header = columns(
        words, responsible=("heading", 1), name=1.2, priority=0.9, task=("prose", 1.8), open_there=0.9, next_review="short"
    )  # fmt: skip
    rows: list[Sequence[Content]] = [
        (
            words.agency(row["responsible_agency"]),
            decision_told(row, material),
            words.label("priority", row["priority_code"]),
            (
                clean(row["actions"]) or DASH,
                Text(words("decided_on", date=words.day(row["decided_date"])), "below"),
            ),
            _open_told(row, material.facts, words),
            review_told(row, material),
        )
        for row in sorted(found, key=order)
    ]
    return (
        Heading(words("tasks")),
        Table(header, rows[:MAX_TASKS], printed=PRINTED_TASKS),
        left_out_note("tasks_left_out", len(rows) - MAX_TASKS, words),
    )


def decision_told(decision: Row, material: Material) -> Content:
    """Whom or what it is about, and the status that it gives."""
    return decided_on(decision, material), Text(material.words.label("status", decision["status"]), "below")


def review_told(decision: Row, material: Material) -> Content:
    """When it is to be looked at again, and whether that is past."""
    late = material.words("overdue") if is_overdue(decision, material.edition.as_of) else ""
    return material.words.day(decision["next_review_date"]), Text(late, "alert")


def is_at_rest(decision: Row, facts: Facts) -> bool:
    """The agency that is to work on the person has no open matter about them, as far as the centre is told."""
    return decision["priority_code"] in WORKED_ON and _open_there(decision, facts) == 0


def _open_there(decision: Row, facts: Facts) -> int | None:
    """How many open matters the agency that answers for a decision has about the person; None where that is not told."""
    found = facts.coordination.get(decision.get("person_id", ""))
    if not found or found[0]["open_matters"] is None:
        return None
    own = [at for at in found[0]["open_matters_by_agency"] if at["agency"] == decision["responsible_agency"]]
    matters: int = sum(at["matters"] for at in own)
    return matters


def _open_told(decision: Row, facts: Facts, words: Words) -> Content:
    """How many open matters the agency has about a person, and which others have any: with whom it can work."""
    if "group_id" in decision:
        return ""
    number = _open_there(decision, facts)
    if number is None:
        return words("not_shared")
    there = words.counted("case", number) if number else words("open_nothing")
    (known,) = facts.coordination[decision["person_id"]]
    others = {at["agency"] for at in known["open_matters_by_agency"]} - {decision["responsible_agency"]}
    also = words("open_also", agencies=words.listing(words.agencies(",".join(others)))) if others else ""
    return Text(there, "alert" if not number and is_at_rest(decision, facts) else ""), Text(also, "below")
