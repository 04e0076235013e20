"""The decision form in words: what its columns and choices are called in each language, and what a word filled in means."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from akrim.contracts import Column
from akrim.texts import LANGUAGES, labels, texts

# Where each column's choices have their names.
CODE_LISTS = {
    "status": "status", "prioritering": "priority", "begrunnelse": "reason", "ansvarlig_etat": "agency",
    "kapasitet_endring": "change", "intensjon_endring": "change",
}  # fmt: skip

Meanings = Mapping[str, frozenset[str]]
# Of a word that means something, however it is spaced. Composing what has marks without end takes time by the square of their number.
LONGEST_WORD = 1_000


def heading(column: str, language: str) -> str:
    """What a column of the form is called."""
    words: dict[str, str] = texts(language, "messages")["form_columns"]
    return words.get(column, column)


def choices(column: Column, language: str) -> list[str]:
    """What may be chosen in a column, as the form offers it."""
    names = labels(language)
    return [names.get((CODE_LISTS.get(column.name, ""), code), code) for code in column.codes]


def named(header: Mapping[int, str]) -> dict[int, str]:
    """The columns of a sheet's header by their own names, of words in any language; what is neither stays as it is.

    A column that bears its own name is that column, whatever others are called in words.
    """
    present = set(header.values())
    return {
        place: text if meant is None or meant in present else meant
        for place, text in header.items()
        for meant in [the_one_meant(text, _headings())]
    }


def code_of(column: Column, text: str) -> str:
    """The code that a cell's text means, be it the code or its name in any language; another text as it is."""
    return the_one_meant(text, _codes(column)) or text


def the_one_meant(text: str, meanings: Meanings) -> str | None:
    """What a text means whatever its case and spaces; None where it means nothing, or several things."""
    found = meanings.get(_folded(text), frozenset()) if len(text) <= LONGEST_WORD else frozenset()
    return next(iter(found)) if len(found) == 1 else None


def meanings_of(words: Iterable[tuple[str, str]]) -> Meanings:
    """What each word means, from pairs of a word and a meaning of it."""
    found = defaultdict(set)
    for word, meaning in words:
        found[_folded(word)].add(meaning)
    return {word: frozenset(meant) for word, meant in found.items()}


@cache
def _headings() -> Meanings:
    words = [
        (language, name) for language in LANGUAGES for name in texts(language, "messages")["form_columns"]
    ]
    return meanings_of([(heading(name, language), name) for language, name in words])


@cache
def _codes(column: Column) -> Meanings:
    pairs = [(code, code) for code in column.codes]
    return meanings_of(
        pairs
        + [
            pair
            for language in LANGUAGES
            for pair in zip(choices(column, language), column.codes, strict=True)
        ]
    )


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
