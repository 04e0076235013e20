"""Texts for people: one folder a language, with the same files, keys and {places} in each.

The folders are the languages that there are: settings, commands, notices and the marts' labels ask here.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import AfterValidator

from akrim.own_yaml import read_own


@cache
def texts(language: str, subject: str) -> dict[str, Any]:
    """The texts of one file, such as `report`."""
    loaded: dict[str, Any] = read_own(files(__name__).joinpath(language, f"{subject}.yml"))
    return loaded


LANGUAGES: tuple[str, ...] = tuple(
    sorted(
        (folder.name for folder in files(__name__).iterdir() if folder.joinpath("language.yml").is_file()),
        key=lambda language: texts(language, "language")["place"],
    )
)

# The languages of what has a place of its own for each: columns of marts, fields of changes.json, docs/rules.md. No more join them.
LANGUAGES_OF_MARTS = ("nb", "en")


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"It is none of {', '.join(LANGUAGES)}.")
    return language


Language = Annotated[str, AfterValidator(_known)]


def said_in(own: Language) -> tuple[str, ...]:
    """The languages to say something in that goes to many: each that is spoken once, Norwegian as the installation writes it."""
    spoken = {name: texts(name, "language")["spoken"] for name in LANGUAGES}
    written = {spoken[name]: name for name in (*reversed(LANGUAGES), own)}
    return tuple(dict.fromkeys(written[spoken[name]] for name in LANGUAGES))


@cache
def labels(language: Language) -> Mapping[tuple[str, str], str]:
    """What each code is called, by code list and code; what else is said of it is in a list of its own (`tie_definition`)."""
    return {
        (code_list if part == "name" else f"{code_list}_{part}", code): text
        for subject in ("codes", "rules")
        for code_list, entries in texts(language, subject).items()
        for code, entry in entries.items()
        for part, text in (entry if isinstance(entry, dict) else {"name": entry}).items()
    }
