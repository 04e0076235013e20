"""Writes what is held about a person into a folder, for the person: subject.json by a published schema, and a page per language.

The export is logged as a disclosure to the person. Its files are the owner's alone.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from akrim import audit, warehouse
from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.linkage import store
from akrim.report import clean
from akrim.settings import get_settings
from akrim.subjects.masking import mask_others
from akrim.subjects.reading import read_subject
from akrim.texts import LANGUAGES, labels, texts

SCHEMA = "subject.schema.json"
NEWEST = "select release_id from marts.releases where is_newest"


def export_subject(person_id: str, folder: Path, by: str, purpose: str) -> list[Path]:
    """Write the files about a person; returns them.

    Args:
        person_id: an id from a release; one that was merged is followed.
        folder: a new or empty one; it is made for its owner alone.
        by, purpose: who exports, and why, such as the request's number; for the log.

    Raises UserError where no such person is known, no release is out, or the folder holds something.
    """
    _prepare(folder)
    with warehouse.connect() as connection:
        person = store.linked_person(connection, person_id)
        newest = connection.execute(NEWEST).fetchone()
        if not person.records or newest is None:
            raise UserError(
                f"Nothing is held about {person_id}.", "linkage.person_records", "Give an id from a release."
            )
        told = mask_others(connection, read_subject(connection, person, newest[0]), person.ids)
        event = audit.Event(
            "disclosure", by, purpose, recipient="the person", release_id=newest[0],
            detail={"means": "subject export", "rows": len(told["sources"])}, persons=person.ids[:1],
        )  # fmt: skip
        # The files first: an export that could not be written is none.
        written = _write(folder, told | {"asked_for": person_id, "data_mode": get_settings().data_mode})
        audit.record(connection, event)
    return written


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except (FileExistsError, NotADirectoryError, PermissionError):
        is_empty = False
    if not is_empty:
        raise UserError("That is no empty folder of yours.", str(folder), "Name one that is new.")
    folder.chmod(0o700)


def _write(folder: Path, told: dict[str, Any]) -> list[Path]:
    schema = files(__package__).joinpath(SCHEMA).read_bytes()
    contents = {
        "subject.json": (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode(),
        SCHEMA: schema,
    }
    contents |= {f"subject.{language}.html": _page(language, told).encode() for language in LANGUAGES}
    for name, content in contents.items():
        write_whole(folder / name, content)
        (folder / name).chmod(0o600)
    return [folder / name for name in contents]


def _page(language: str, told: dict[str, Any]) -> str:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    named = labels(language)
    environment.filters["text"] = lambda value: clean(None if value is None else str(value), longest=4000)
    environment.filters["label"] = lambda code, of: named.get((of, code), code)
    words = texts(language, "subject")
    return environment.get_template("subject.html.j2").render(t=words, s=told, language=language)
