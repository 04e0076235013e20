"""Logs that persons' data went to a centre: whom its files name, by `marts.named_persons`, and of whom they tell what became of them.

Who left a centre's list is named in the changes of the next release, with points and rules, and later by the id that led there.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from akrim import audit
from akrim.errors import UserError
from akrim.settings import get_settings

NAMED = "select person_id from marts.named_persons where release_id = %s and centre_id = %s"
TELLING_FILES = ("changes.json", "corrections.json", "moved_ids.json")
OF_PERSONS = {"person_id", "old_person_id", "person_ids"}


def log_disclosure(connection: psycopg.Connection, release_id: str, centre_id: str, **detail: str) -> None:
    """Log a release's disclosure to a centre in the caller's transaction; its files are there.

    Args:
        detail: by which means, and what identifies what was sent.
    """
    named = named_to(connection, release_id, centre_id)
    event = audit.Event(
        "disclosure", recipient=centre_id, release_id=release_id, detail=detail, persons=named
    )
    audit.record(connection, event)


def named_to(connection: psycopg.Connection, release_id: str, centre_id: str) -> list[str]:
    """The ids of the persons of whom the centre's files of the release tell."""
    found = {row[0] for row in connection.execute(NAMED, [release_id, centre_id]).fetchall()}
    for name in TELLING_FILES:
        path = get_settings().releases_path / release_id / centre_id / name
        if path.exists():
            found.update(_told_in(path))
    return sorted(found)


def _told_in(path: Path) -> list[str]:
    try:
        return list(_persons(json.loads(path.read_bytes())))
    except ValueError:
        raise UserError(
            "The file cannot be read, so that nobody knows of whom it tells.",
            str(path),
            "Put the release back from a backup.",
        ) from None


def _persons(told: Any) -> Iterator[str]:
    """Every person's id in a document, at whatever depth."""
    if isinstance(told, dict):
        for name, value in told.items():
            if name in OF_PERSONS:
                yield from [value] if isinstance(value, str) else value or ()
            else:
                yield from _persons(value)
    elif isinstance(told, list):
        for value in told:
            yield from _persons(value)
