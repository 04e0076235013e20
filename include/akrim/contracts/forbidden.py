"""What no contract may agree on: fields, codes and classifications of the kinds in forbidden.yml."""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from akrim.contracts.model import Contract, Extract
from akrim.errors import UserError
from akrim.own_yaml import read_own

# As clerks and programs write them: ø as o or oe, æ as ae, å as aa.
FOLDED = str.maketrans({"æ": "a", "ä": "a", "ø": "o", "ö": "o", "å": "a"})
SPELLINGS = re.compile("oe|ae|aa")
CAMEL = re.compile(r"(?<=[a-zæøå0-9])(?=[A-ZÆØÅ])")
WORD = re.compile("[a-z]+")


def check_nothing_forbidden(contract: Contract, file_name: str) -> None:
    """Raises UserError that names the first field, code or classification which may not be agreed on, and why."""
    for extract in contract.extracts:
        for what, name in _named(extract):
            kind = forbidden_kind(name)
            if kind:
                raise UserError(
                    f"The {what} {name!r} may not be agreed on: it is {_kinds()[kind]['why']}.",
                    f"{file_name}: {extract.name}",
                    "Take it out of the contract, and have the agency leave it out of what it sends.",
                )


def forbidden_kind(name: str) -> str:
    """The kind of forbidden data that a name is of, by its words; empty where it is of none."""
    words = WORD.findall(_folded(CAMEL.sub(" ", name)))
    joined = "".join(words)
    for kind, named in _kinds().items():
        if any(part in joined for part in named["within"]) or set(words) & set(named["words"]):
            return kind
    return ""


def _named(extract: Extract) -> list[tuple[str, str]]:
    """Everything by which an extract says what is in it."""
    named = [("extract", extract.name)]
    for column in extract.columns:
        named += [("field", column.path), ("classification", column.category)]
        named += [(f"code of {column.path}", code) for code in column.codes]
    return named


def _folded(text: str) -> str:
    return SPELLINGS.sub(lambda found: found[0][0], text.lower().translate(FOLDED))


@lru_cache
def _kinds() -> dict[str, Any]:
    return dict(read_own(files("akrim.contracts").joinpath("forbidden.yml")))
