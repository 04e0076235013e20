"""Writes what is held about a person into a folder, for the person: subject.json by a published schema, and a page per language.

The export is logged as a disclosure to the person. Its files are the owner's alone.
"""

import json
import os
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from akrim import audit, ledger, warehouse
from akrim.atomic_files import write_whole
from akrim.deliveries import require_data_mode
from akrim.errors import UserError
from akrim.linkage import store
from akrim.settings import get_settings
from akrim.subjects.masking import mask_others
from akrim.subjects.page import render_page
from akrim.subjects.reading import read_subject
from akrim.texts import LANGUAGES

SCHEMA = "subject.schema.json"
NEWEST = "select release_id from marts.releases where is_newest"


def export_subject(person_id: str, folder: Path, by: str, purpose: str) -> list[Path]:
    """Write the files about a person; returns them.

    Args:
        person_id: an id from a release; one that was merged is followed.
        folder: a new or empty one; it is made when there is something to write, for its owner alone.
        by, purpose: who exports, and why, such as the request's number; for the log.

    Raises UserError where no such person is known, no release is in force, or the folder is not new or empty, or not
    to be made; then nothing was read or made.
    """
    _require_new(folder)
    warehouse.prepare()
    require_data_mode()
    with warehouse.connect() as connection:
        person = store.linked_person(connection, person_id)
        if not (person.records or person.before):
            erased = store.erased_on(connection, person_id)
            raise UserError(
                f"Nothing is held about {person_id}{f', who was erased on {erased}' if erased else ''}.",
                "linkage.person_records",
                "Give an id from a release.",
            )
        newest = connection.execute(NEWEST).fetchone()
        if newest is None:
            raise ledger.none_in_force(connection, person_id)
        told = mask_others(connection, read_subject(connection, person, newest[0]), person.ids)
        event = audit.Event(
            "disclosure", by, purpose, recipient="the person", release_id=newest[0],
            detail={"means": "subject export", "rows": len(told["sources"])}, persons=person.ids[:1],
        )  # fmt: skip
        # The files first: an export that could not be written is none.
        written = _write(folder, told | {"asked_for": person_id, "data_mode": get_settings().data_mode})
        audit.record(connection, event)
    return written


def _require_new(folder: Path) -> None:
    """Raise UserError where the folder holds something, or cannot be made or written to; it is tried, and nothing is left."""
    made: list[Path] = []
    try:
        made = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        is_free = not any(folder.iterdir()) and os.access(folder, os.W_OK)
    except OSError:
        is_free = False
    for path in made:
        with suppress(OSError):
            path.rmdir()
    if not is_free:
        raise _not_new(folder)


def _not_new(folder: Path) -> UserError:
    return UserError(
        "That is no folder that is new or empty, and yours to make.", str(folder), "Name one that is new."
    )


def _write(folder: Path, told: dict[str, Any]) -> list[Path]:
    contents = {f"subject.{language}.html": render_page(language, told).encode() for language in LANGUAGES}
    contents["subject.json"] = (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()
    contents[SCHEMA] = files(__package__).joinpath(SCHEMA).read_bytes()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError:
        raise _not_new(folder) from None
    written = [folder / name for name in contents]
    try:
        for path, content in zip(written, contents.values(), strict=True):
            write_whole(path, content)
    except OSError:
        # What is there of it would be logged nowhere.
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return written
