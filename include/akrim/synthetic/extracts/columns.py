"""Extracts as tables of text, and the conversion of numbers, days and flags to text.

Ids are assigned once for the whole world in order of time, with gaps as in real registers, so that a row keeps its id
from one period to the next.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from akrim.synthetic.world.randomness import Booleans, Chance, Integers, Texts, no_texts
from akrim.synthetic.world.timeline import END, as_dates

ISO = "%Y-%m-%d"
NORWEGIAN = "%d.%m.%Y"


@dataclass
class ExtractTable:
    """Rows in the order in which they are sent; `true_person` and `ident_kind` are for the answer key alone."""

    name: str
    table: pa.Table
    true_person: Integers | None = None
    ident_kind: Texts = field(default_factory=lambda: no_texts(0))

    @property
    def key(self) -> str:
        """The key is the first column of every extract."""
        return str(self.table.column_names[0])


def extract(
    name: str, columns: dict[str, Any], person: Integers | None = None, kind: Texts | None = None
) -> ExtractTable:
    table = pa.table({column: _typed(values) for column, values in columns.items()})
    return ExtractTable(name, table, person, no_texts(0) if kind is None else kind)


def _typed(values: Any) -> pa.Array:
    """Text is text also where there is none: a delta holds an empty table against a full one."""
    is_text = isinstance(values, np.ndarray) and values.dtype == object
    return pa.array(values, pa.string() if is_text else None)


def serials(chance: Chance, name: str, count: int, first: int) -> Integers:
    """Increasing numbers with gaps, always the same for the same position."""
    return first + np.cumsum(chance.stream("ids of " + name).integers(1, 4, count))


def numbered(prefix: str, numbers: Integers | pa.Array, width: int = 0) -> pa.Array:
    """The numbers as text, filled up with zeros to that width; where there is none, nothing."""
    text = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return joined(prefix, text) if prefix else text


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts side by side; nothing where one of them is unknown."""
    return pc.binary_join_element_wise(*parts, "")


def dates(days: Integers, until: int = END, form: str = ISO) -> pa.Array:
    """Days as text; empty after `until`, when they are not yet known."""
    known = days <= until
    values = pa.array(as_dates(np.where(known, days, 0)), pa.date32(), mask=~known)
    return (
        values.cast(pa.string()) if form == ISO else pc.strftime(values.cast(pa.timestamp("s")), format=form)
    )


def person_numbers(numbers: Integers) -> pa.Array:
    return numbered("", pa.array(numbers, mask=numbers <= 0), 11)


def orgnrs(numbers: Integers, positions: Integers) -> pa.Array:
    """The enterprises' nine-digit numbers; empty where the position is -1."""
    return numbered("", pa.array(numbers[positions], mask=positions < 0))


def amounts(values: Integers) -> pa.Array:
    """Whole kroner; empty where negative, which means none."""
    return numbered("", pa.array(values, mask=values < 0))


def flags(values: Booleans) -> pa.Array:
    return pc.if_else(pa.array(values), "J", "N")


def only_share(rng: np.random.Generator, values: npt.ArrayLike, share: float) -> Texts:
    """The values in that share of rows; empty in the others."""
    kept = np.array(values, dtype=object)
    kept[rng.random(len(kept)) >= share] = None
    return kept
