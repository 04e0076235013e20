"""Explains in words why these records are one person: the steps, what each weighed, and the nearest misses.

It reads the run's findings and scores nothing again, so that it explains what was decided then. It has no person number.
The SQL view linkage.explanations has the same.
"""

from dataclasses import dataclass
from typing import Any

import psycopg

from akrim import warehouse
from akrim.errors import UserError
from akrim.linkage.model.comparisons import level_in_words
from akrim.linkage.store import erased_on
from akrim.texts import Language, texts

MAX_NEAR_MISSES = 5


@dataclass(frozen=True)
class Weighing:
    """One comparison of two records; a weight above 0 is evidence that they are one person, below 0 that they are not."""

    comparison: str
    level: str
    weight: float


@dataclass(frozen=True)
class ExplanationStep:
    """Records that were joined, or a pair that was not, with the other record's person; `words` says why."""

    records: tuple[str, ...]
    words: str
    match_weight: float | None
    weighings: tuple[Weighing, ...]
    other_person_id: str | None = None


@dataclass(frozen=True)
class Explanation:
    """A person: its records, the steps that joined them, the nearest misses, of how many persons in all, and how its id was merged or split.

    They are as of the release whose persons were linked last, `linked_last`: an earlier period's where that was assessed anew since, or
    one that is held.
    """

    person_id: str
    records: tuple[dict[str, Any], ...]
    steps: tuple[ExplanationStep, ...]
    near_misses: tuple[ExplanationStep, ...]
    persons_near: int
    history: tuple[dict[str, Any], ...]
    linked_last: str


def explain(person_id: str, language: Language = "nb") -> Explanation:
    """Explain how a person's records became one person; an id since merged is followed to its person.

    Raises UserError if no person has or had the id.
    """
    with warehouse.connect() as connection:
        current_id = _resolve(connection, person_id)
        rows = warehouse.read_rows(connection, RECORDS, [current_id])
        findings = warehouse.read_rows(connection, FINDINGS, [current_id])
        history = warehouse.read_rows(connection, HISTORY, {"current_id": current_id, "asked": person_id})
        (linked_last,) = warehouse.read_rows(connection, LINKED_LAST)
    number_steps = _number_steps(findings, language)
    joined = [row for row in findings if row["kind"] == "joined"]
    misses = [row for row in findings if row["kind"] == "near_miss"]
    return Explanation(
        person_id=current_id,
        records=tuple(rows),
        steps=(
            *number_steps,
            *_borrowed_steps(findings, language),
            *(_step(row, language) for row in _strongest_tree(joined, number_steps)),
        ),
        near_misses=tuple(_step(row, language) for row in misses[:MAX_NEAR_MISSES]),
        persons_near=len({row["other_person_id"] for row in misses}),
        history=tuple(_change_in_words(row, language) for row in history),
        linked_last=linked_last["release_id"],
    )


RECORDS = """
select source, extract, source_record_id, link_kind, match_weight from linkage.person_records
where person_id = %s order by source, source_record_id
"""
FINDINGS = """
select kind, source_l || '/' || source_record_id_l as record_l, source_r || '/' || source_record_id_r as record_r,
    other_person_id, outcome, guard, match_weight, weighings
from linkage.explanations where person_id = %s order by step
"""
LINKED_LAST = "select release_id from linkage.runs order by run_number desc limit 1"
# All changes of the requested id and of the one that it was merged into.
HISTORY = """
select old_person_id, person_id, release_id, change from linkage.person_id_history
where person_id in (%(current_id)s, %(asked)s) or old_person_id in (%(current_id)s, %(asked)s)
order by release_id, old_person_id, person_id
"""


CURRENT_ID = """
select linkage.holder(%(asked)s), exists (select from linkage.memberships where person_id in (%(asked)s, linkage.holder(%(asked)s)))
where exists (select 1 from linkage.memberships where person_id = %(asked)s)
    or exists (select 1 from linkage.person_id_history where old_person_id = %(asked)s)
"""


def _resolve(connection: psycopg.Connection, person_id: str) -> str:
    row = connection.execute(CURRENT_ID, {"asked": person_id}).fetchone()
    # What became of an erased person's id stays.
    erased = None if row and row[1] else erased_on(connection, person_id)
    if row is None or erased:
        raise UserError(
            f"The person of that id was erased on {erased}." if erased else "No person has or had that id.",
            person_id,
            "Take the id from a report, or from: akrim sql 'select person_id from marts_current.assessments'",
        )
    return str(row[0])


def _number_steps(findings: list[dict[str, Any]], language: Language) -> list[ExplanationStep]:
    """One step for each valid number: all records that have it."""
    bearers: dict[str, list[str]] = {}
    for row in findings:
        if row["kind"] == "same_number":
            bearers.setdefault(row["record_l"], [row["record_l"]]).append(row["record_r"])
    text = texts(language, "linkage")["kinds"]["identifier"]
    return [ExplanationStep(tuple(records), text, None, ()) for records in bearers.values()]


def _borrowed_steps(findings: list[dict[str, Any]], language: Language) -> list[ExplanationStep]:
    """One step for each record whose valid number was taken as borrowed."""
    text = texts(language, "linkage")["kinds"]["borrowed_number"]
    return [
        ExplanationStep((row["record_l"],), text, None, ())
        for row in findings
        if row["kind"] == "borrowed_number"
    ]


def _change_in_words(row: dict[str, Any], language: Language) -> dict[str, Any]:
    return row | {"words": texts(language, "linkage")["changes"][row["change"]]}


def _strongest_tree(
    pairs: list[dict[str, Any]], joined_already: list[ExplanationStep]
) -> list[dict[str, Any]]:
    """Of the accepted pairs, strongest first, those that join groups not joined yet (a maximum spanning tree)."""
    group: dict[str, str] = {}

    def root(key: str) -> str:
        while group.setdefault(key, key) != key:
            key = group[key]
        return key

    for step in joined_already:
        group.update(dict.fromkeys(step.records, step.records[0]))
    tree = []
    for pair in pairs:
        left, right = root(pair["record_l"]), root(pair["record_r"])
        if left != right:
            group[right] = left
            tree.append(pair)
    return tree


def _step(row: dict[str, Any], language: Language) -> ExplanationStep:
    words = texts(language, "linkage")
    text = words["outcomes"][row["outcome"]]
    if row["guard"]:
        text = f"{text}: {words['guards'][row['guard']]}"
    other = row["other_person_id"] if row["kind"] == "near_miss" else None
    return ExplanationStep(
        (row["record_l"], row["record_r"]),
        text,
        row["match_weight"],
        in_words(row["weighings"], language),
        other,
    )


def in_words(weighings: dict[str, Any], language: Language) -> tuple[Weighing, ...]:
    """What each comparison of a finding weighs, the starting point first; what is unknown of either record is left out."""
    words = texts(language, "linkage")
    return (
        Weighing(words["comparisons"]["starting_point"], "", weighings["starting_point"]),
        *(
            Weighing(words["comparisons"][name], level_in_words(scored["level"], language), scored["weight"])
            for name in words["comparisons"]
            if isinstance(scored := weighings.get(name), dict) and scored["level"] != "unknown"
        ),
    )
