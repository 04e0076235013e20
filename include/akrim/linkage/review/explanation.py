"""Why these records are one person: the steps, what each weighed, and who came near without being the same.

A person id goes in, current or long since merged, out comes a structure in words. It reads what the run found
(linkage.findings); nothing is scored again, so that an explanation tells what was decided then and not what would be now.
No person number is in it. The same as SQL rows: linkage.explanations.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import psycopg
import yaml
from psycopg.rows import dict_row

from akrim import warehouse
from akrim.errors import UserError

Language = Literal["nb", "en"]
MOST_NEAR_MISSES = 5


@dataclass(frozen=True)
class Weighing:
    """One comparison of two records, and how much it speaks for (above 0) or against their being one person."""

    comparison: str
    level: str
    weight: float


@dataclass(frozen=True)
class Step:
    """Records brought together, or a pair that was not, with whose record the other is; `words` says why."""

    records: tuple[str, ...]
    words: str
    match_weight: float | None
    weighings: tuple[Weighing, ...]
    other_person_id: str | None = None


@dataclass(frozen=True)
class Explanation:
    """A person: its records, the steps that joined them, the nearest misses, and the ids that it took over or gave."""

    asked_id: str
    person_id: str
    records: tuple[dict[str, Any], ...]
    steps: tuple[Step, ...]
    near_misses: tuple[Step, ...]
    history: tuple[dict[str, Any], ...]


def explain(person_id: str, language: Language = "nb") -> Explanation:
    """Tell how a person's records became one person.

    Args:
        person_id: an id as it stands in a release; ids since merged are followed.
        language: of the words.
    """
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        living = _resolve(cursor, person_id)
        rows = cursor.execute(RECORDS, [living]).fetchall()
        told = cursor.execute(TOLD, [living]).fetchall()
        history = cursor.execute(HISTORY, {"living": living, "asked": person_id}).fetchall()
    number_steps = _number_steps(told, language)
    joined = [row for row in told if row["kind"] == "joined"]
    misses = [row for row in told if row["kind"] == "near_miss"][:MOST_NEAR_MISSES]
    return Explanation(
        asked_id=person_id,
        person_id=living,
        records=tuple(rows),
        steps=(
            *number_steps,
            *_borrowed_steps(told, language),
            *(_step(row, language) for row in _strongest_tree(joined, number_steps)),
        ),
        near_misses=tuple(_step(row, language) for row in misses),
        history=tuple(_told_change(row, language) for row in history),
    )


RECORDS = """
select source, extract, source_record_id, link_kind, match_weight from linkage.person_records
where person_id = %s order by source, source_record_id
"""
TOLD = """
select kind, source_l || '/' || source_record_id_l as record_l, source_r || '/' || source_record_id_r as record_r,
    other_person_id, outcome, guard, match_weight, weighings
from linkage.explanations where person_id = %s order by step
"""
# All that became of the id that was asked for and of the one that it stands for.
HISTORY = """
select old_person_id, person_id, release_id, change from linkage.person_id_history
where person_id in (%(living)s, %(asked)s) or old_person_id in (%(living)s, %(asked)s)
order by release_id, old_person_id, person_id
"""


@lru_cache
def linkage_words() -> dict[str, dict[str, dict[str, str]]]:
    """The words of explanations: group, name, language."""
    words: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        Path(__file__).parents[1].joinpath("words.yml").read_text()
    )
    return words


LIVING = """
select linkage.resolve(%(asked)s) as living
where exists (select 1 from linkage.memberships where person_id = %(asked)s)
    or exists (select 1 from linkage.person_id_history where old_person_id = %(asked)s)
"""


def _resolve(cursor: psycopg.Cursor[dict[str, Any]], person_id: str) -> str:
    row = cursor.execute(LIVING, {"asked": person_id}).fetchone()
    if row is None:
        raise UserError(
            "No person has or had that id.",
            person_id,
            "Take the id from a report, or from: akrim sql 'select person_id from marts_current.assessments'",
        )
    return str(row["living"])


def _number_steps(told: list[dict[str, Any]], language: Language) -> list[Step]:
    """One step for each valid number: all the records that bear it."""
    bearers: dict[str, list[str]] = {}
    for row in told:
        if row["kind"] == "same_number":
            bearers.setdefault(row["record_l"], [row["record_l"]]).append(row["record_r"])
    said = linkage_words()["kinds"]["identifier"][language]
    return [Step(tuple(records), said, None, ()) for records in bearers.values()]


def _borrowed_steps(told: list[dict[str, Any]], language: Language) -> list[Step]:
    """One step for each record whose valid number was left out of account."""
    said = linkage_words()["kinds"]["borrowed_number"][language]
    return [Step((row["record_l"],), said, None, ()) for row in told if row["kind"] == "borrowed_number"]


def _told_change(row: dict[str, Any], language: Language) -> dict[str, Any]:
    return row | {"words": linkage_words()["changes"][row["change"]][language]}


def _strongest_tree(pairs: list[dict[str, Any]], joined_already: list[Step]) -> list[dict[str, Any]]:
    """Of the accepted pairs, strongest first, those that bring together what was not together yet."""
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


def _step(row: dict[str, Any], language: Language) -> Step:
    words = linkage_words()
    said = words["outcomes"][row["outcome"]][language]
    if row["guard"]:
        said = f"{said}: {words['guards'][row['guard']][language]}"
    weighings = [
        Weighing(
            words["comparisons"][name][language], words["levels"][held["level"]][language], held["weight"]
        )
        for name in words["comparisons"]
        if isinstance(held := row["weighings"].get(name), dict) and held["level"] != "unknown"
    ]
    start = Weighing(words["comparisons"]["starting_point"][language], "", row["weighings"]["starting_point"])
    other = row["other_person_id"] if row["kind"] == "near_miss" else None
    return Step((row["record_l"], row["record_r"]), said, row["match_weight"], (start, *weighings), other)
