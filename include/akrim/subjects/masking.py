"""Masks who others are in texts that people wrote: what a decision says is to be done, a case's reason, why somebody looked.

A purpose that is stated on the pages is logged for an hour with whoever is looked at, and may name the first of them.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

MASK = "▮▮▮"
# Short family names are words of their own.
SHORTEST = 4
WRITTEN = {"decisions": ("actions",), "corrections": ("reason", "outcome_reason"), "log": ("purpose",)}


def mask_others(
    connection: psycopg.Connection, told: dict[str, Any], person_ids: Sequence[str]
) -> dict[str, Any]:
    """The same sections, with the names of every other person of the release masked in free texts, and person numbers too."""
    texts = [row[name] for row, name in _written(told) if row.get(name)]
    if texts:
        about = {
            "release": told["release_id"],
            "ids": list(person_ids),
            "text": "\n".join(texts),
            "shortest": SHORTEST,
        }
        names = [row[0] for row in connection.execute(NAMES, about).fetchall()]
        numberless: dict[str, str] = dict(connection.execute(WITHOUT_NUMBERS, [texts]).fetchall())
        for row, name in _written(told):
            if row.get(name):
                row[name] = _masked(numberless[row[name]], names)
    return told


def _written(told: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for section, names in WRITTEN.items():
        for row in told[section]:
            yield from ((row, name) for name in names)


def _masked(text: str, names: list[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name), MASK, text, flags=re.IGNORECASE)
    return text


NAMES = """
with others as (
    select unnest(array[full_name, family_name]) as name from marts.persons
    where release_id = %(release)s and person_id <> all(%(ids)s::text[])
)
select distinct name from others
where length(name) >= %(shortest)s and position(lower(name) in lower(%(text)s)) > 0
    and name not in (select unnest(array[full_name, family_name]) from marts.persons where person_id = any(%(ids)s::text[]))
"""
WITHOUT_NUMBERS = "select text, meta.without_person_numbers(text) from unnest(%s::text[]) as t (text)"
