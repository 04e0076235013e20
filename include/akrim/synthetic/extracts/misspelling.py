"""How names are misspelled: transliterated, respelled, shortened, mistyped.

Changes that depend on the name alone are computed once per distinct name; typing errors, on a matrix of characters.
"""

import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.synthetic.world.randomness import Integers, Texts, known, only_where
from akrim.synthetic.world.vocabulary import words

_UNDECOMPOSED = {"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d", "ð": "d", "ß": "ss"}
_DIGRAPHS = {
    "ø": "oe",
    "Ø": "Oe",
    "å": "aa",
    "Å": "Aa",
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "Ö": "Oe",
    "Ä": "Ae",
    "Ü": "Ue",
}
LETTERS = np.array([ord(letter) for letter in "abdefghiklmnoprstuvy"], dtype=np.uint32)
NAME_WIDTH = 48


def each_distinct(names: Texts, change: Callable[[str], str]) -> Texts:
    """Apply a change to every name, computed once per distinct one; unknown names stay unknown."""
    encoded = pa.array(names, pa.string()).dictionary_encode()
    changed = pa.array([change(name) for name in encoded.dictionary.to_pylist()], pa.string())
    result: Texts = changed.take(encoded.indices).to_numpy(zero_copy_only=False)
    return result


def plain(name: str) -> str:
    """Without any diacritics: Łukasz becomes Lukasz, Jørgen Jorgen."""
    replaced = "".join(_UNDECOMPOSED.get(letter, letter) for letter in name)
    decomposed = unicodedata.normalize("NFD", replaced)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def with_digraphs(name: str) -> str:
    """The Norwegian way: Jørgen becomes Joergen; the rest loses its diacritics."""
    return plain("".join(_DIGRAPHS.get(letter, letter) for letter in name))


def in_latin_1(name: str) -> str:
    """What ISO-8859-1 can hold: letters beyond it lose their diacritics."""
    return "".join(letter if ord(letter) < 256 else plain(letter) for letter in name)


@lru_cache
def _spellings() -> dict[str, list[str]]:
    return {name: [o for o in group if o != name] for group in words()["spellings"] for name in group}


def respelled(names: Texts, rng: np.random.Generator) -> Texts:
    """Another usual spelling of the same name, where there is one."""
    choice = int(rng.integers(0, 1000))
    halves = rng.random(len(names)) < 0.5
    one, another = (each_distinct(names, partial(_other_spelling, choice=choice + nth)) for nth in (0, 1))
    return np.where(halves, one, another)


def _other_spelling(name: str, choice: int) -> str:
    others = _spellings().get(name)
    return others[(choice + len(name)) % len(others)] if others else name


def nicknamed(names: Texts) -> Texts:
    nicknames = words()["nicknames"]
    return each_distinct(names, lambda name: str(nicknames.get(name, name)))


def initials(names: Texts) -> Texts:
    return each_distinct(names, lambda name: name[0] + ".")


def mistyped(names: Texts, rng: np.random.Generator) -> Texts:
    """One letter, not the first, left out, changed, doubled or swapped with the next."""
    if len(names) == 0:
        return names
    letters = np.array([name or "" for name in names], dtype=f"<U{NAME_WIDTH}").view(np.uint32)
    letters = letters.reshape(len(names), NAME_WIDTH)
    length = (letters != 0).sum(axis=1)
    at = 1 + (rng.random(len(names)) * np.maximum(length - 2, 1)).astype(np.int64)
    kind = np.where(length >= 4, rng.integers(0, 4, len(names)), -1)
    columns = np.arange(NAME_WIDTH)[None, :]
    source = columns + _shift(kind, at, columns)
    changed = np.take_along_axis(letters, np.clip(source, 0, NAME_WIDTH - 1), axis=1)
    rows = np.flatnonzero(kind == 1)
    changed[rows, at[rows]] = LETTERS[rng.integers(0, len(LETTERS), len(rows))]
    typed = np.ascontiguousarray(changed).view(f"<U{NAME_WIDTH}").ravel().astype(object)
    return only_where(known(names), typed)


def _shift(kind: Integers, at: Integers, columns: Integers) -> Integers:
    """Where each letter of the mistyped name comes from, relative to its own place."""
    kind, at = kind[:, None], at[:, None]
    left_out = (kind == 0) & (columns >= at)
    doubled = (kind == 2) & (columns > at)
    swapped_first, swapped_second = (kind == 3) & (columns == at), (kind == 3) & (columns == at + 1)
    shift: Integers = left_out.astype(np.int64) - doubled + swapped_first - swapped_second
    return shift


def abbreviated_streets(addresses: pa.Array) -> pa.Array:
    for long, short in (("veien ", "vn. "), ("gata ", "gt. "), ("Storgata", "Storgt."), ("vegen ", "vg. ")):
        addresses = pc.replace_substring(addresses, long, short)
    return addresses


def upper(names: Texts) -> Texts:
    result: Texts = pc.utf8_upper(pa.array(names, pa.string())).to_numpy(zero_copy_only=False)
    return result
