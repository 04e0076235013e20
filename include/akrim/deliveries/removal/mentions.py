"""How a text that a centre wrote may name a person: by an id of ours, or by a given name and the family name that a record of hers has."""

import re
from collections.abc import Iterable, Sequence

import psycopg

from akrim.contracts import load_contracts
from akrim.deliveries.removal.records import Lying, Record, by_extract, read_landed


def naming(
    connection: psycopg.Connection, records: Iterable[Record], before: Lying, person_ids: Sequence[str]
) -> list[str]:
    """Patterns of PostgreSQL's, in small letters, of which one at least is found in a text that names the person.

    A name is as delivered, `before` under keys that are another's by now: somebody else of the same name is taken for her.
    """
    found: set[str] = set()
    for (agency, name), rows in before.items():
        extract = load_contracts()[agency].extract(name)
        if columns := [column.name for column in extract.columns if column.category == "name"]:
            read = [extract.key.name, "delivery_id", *columns]
            of_keys = read_landed(connection, extract, read, extract.key, {key for key, _ in rows})
            for key, delivery_id, *parts in of_keys:
                found |= _pattern([part for part in parts if part and (key, delivery_id) in rows])
    for (agency, name), keys in by_extract(records).items():
        extract = load_contracts()[agency].extract(name)
        if columns := [column.name for column in extract.columns if column.category == "name"]:
            for names in read_landed(connection, extract, columns, extract.key, keys):
                found |= _pattern([part for part in names if part])
    return sorted(found | {_word(person_id) for person_id in person_ids})


def _pattern(parts: list[str]) -> set[str]:
    """Of given name to family name, or of one that has the family name first, before a comma."""
    if not parts:
        return set()
    given, family = (parts[0], parts[-1]) if len(parts) > 1 else parts[0].partition(",")[::-2]
    words = [*given.split()[:1], *family.split()]
    together = "".join(f"(?=.*{_word(word)})" for word in words)
    return {f"^{together}"} if given.strip() and family.strip() else set()


def _word(text: str) -> str:
    return r"\m" + re.sub(r"(\W)", r"\\\1", text.lower()) + r"\M"
