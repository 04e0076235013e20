"""Why these records are one person: the steps, what each weighed, and who came near without being the same.

A person id goes in, current or long since merged, out comes a structure in words. It reads what the run found
(linkage.findings); nothing is scored again, so that an explanation tells what was decided then and not what would be now.
No person number is in it. The same as SQL rows: linkage.findings where valid_to_release is null.
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
    """Records brought together, or a pair that was not; `words` says why."""

    records: tuple[str, ...]
    words: str
    match_weight: float | None
    weighings: tuple[Weighing, ...]


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
        accepted = cursor.execute(ACCEPTED, [living]).fetchall()
        misses = cursor.execute(NEAR_MISSES, [living, living, MOST_NEAR_MISSES]).fetchall()
        history = cursor.execute(HISTORY, [living, living]).fetchall()
    number_steps = _number_step(rows, language)
    return Explanation(
        asked_id=person_id,
        person_id=living,
        records=tuple(rows),
        steps=(*number_steps, *(_step(row, language) for row in _strongest_tree(accepted, number_steps))),
        near_misses=tuple(_step(row, language) for row in misses),
        history=tuple(history),
    )


RECORDS = """
select source, extract, source_record_id, link_kind, match_weight from linkage.person_records
where person_id = %s order by source, source_record_id
"""
PAIR = """
select f.source_l || '/' || f.source_record_id_l as record_l, f.source_r || '/' || f.source_record_id_r as record_r,
    f.outcome, f.guard, f.match_weight, f.steps
from linkage.findings f
join linkage.person_records l on (l.source, l.source_record_id) = (f.source_l, f.source_record_id_l)
join linkage.person_records r on (r.source, r.source_record_id) = (f.source_r, f.source_record_id_r)
where f.valid_to_release is null
"""
ACCEPTED = (
    f"{PAIR} and l.person_id = %s and r.person_id = l.person_id order by f.match_weight desc nulls last, 1, 2"
)
NEAR_MISSES = (
    f"{PAIR} and l.person_id <> r.person_id and (l.person_id = %s or r.person_id = %s)"
    " order by f.match_weight desc nulls last, 1, 2 limit %s"
)
HISTORY = """
select old_person_id, person_id, release_id, change from linkage.person_id_history
where person_id = %s or old_person_id = %s order by release_id, old_person_id, person_id
"""


@lru_cache
def linkage_words() -> dict[str, dict[str, dict[str, str]]]:
    """The words of explanations: group, name, language."""
    words: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        Path(__file__).with_name("words.yml").read_text()
    )
    return words


def _resolve(cursor: psycopg.Cursor[dict[str, Any]], person_id: str) -> str:
    row = cursor.execute(
        "select linkage.resolve(person_id) as living from linkage.persons where person_id = %s", [person_id]
    ).fetchone()
    if row is None:
        raise UserError(
            f"There is no person {person_id}.",
            "person_id",
            "Take an id from a release or linkage.person_records.",
        )
    return str(row["living"])


def _number_step(rows: list[dict[str, Any]], language: Language) -> list[Step]:
    keys = tuple(
        f"{row['source']}/{row['source_record_id']}" for row in rows if row["link_kind"] == "identifier"
    )
    return [Step(keys, linkage_words()["kinds"]["identifier"][language], None, ())] if keys else []


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
        if isinstance(held := row["steps"].get(name), dict) and held["level"] != "unknown"
    ]
    start = Weighing(words["comparisons"]["starting_point"][language], "", row["steps"]["starting_point"])
    return Step((row["record_l"], row["record_r"]), said, row["match_weight"], (start, *weighings))
