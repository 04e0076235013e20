"""How a text that a centre wrote may name a person: by an id of ours, or by a given name and the family name that a record of hers has."""

import re
from collections.abc import Iterable, Sequence

import psycopg

from akrim.contracts import load_contracts
from akrim.deliveries.removal.records import Lying, Record, by_extract, read_landed


def naming(
    connection: psycopg.Connection,
    records: Iterable[Record],
    before: Lying,
    of_others: Lying,
    person_ids: Sequence[str],
) -> list[str]:
    """Patterns of PostgreSQL's, in small letters, of which one at least is found in a text that names the person.

    A name is as delivered, `before` under keys that are another's by now, and not as what is `of_others` under keys that are hers by now
    has it: somebody else of the same name is taken for her.
    """
    found = {_word(person_id) for person_id in person_ids}
    keys_before = {of: [key for key, _ in rows] for of, rows in before.items()}
    for of in {**keys_before, **(own := by_extract(records))}:
        extract = load_contracts()[of[0]].extract(of[1])
        columns = [column.name for column in extract.columns if column.category == "name"]
        keys = {*own.get(of, ()), *keys_before.get(of, ())}
        read = [extract.key.name, "delivery_id", *columns]
        for key, delivery_id, *parts in (
            read_landed(connection, extract, read, extract.key, keys) if columns else ()
        ):
            is_own = key in own.get(of, ()) and (key, delivery_id) not in of_others.get(of, ())
            if is_own or (key, delivery_id) in before.get(of, ()):
                found |= _pattern([part for part in parts if part])
    return sorted(found)


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
