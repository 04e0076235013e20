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
    table = pa.table({column: pa.array(values) for column, values in columns.items()})
    return ExtractTable(name, table, person, no_texts(0) if kind is None else kind)


def serials(chance: Chance, name: str, count: int, first: int) -> Integers:
    """Increasing numbers with gaps, always the same for the same position."""
    return first + np.cumsum(chance.stream("ids of " + name).integers(1, 4, count))


def numbered(prefix: str, numbers: Integers, width: int = 0) -> Texts:
    if not len(numbers):
        return np.array([], dtype=object)
    return prefix + np.char.zfill(numbers.astype(str), width).astype(object)


def dates(days: Integers, until: int = END, form: str = ISO) -> pa.Array:
    """Days as text; empty after `until`, when they are not yet known."""
    known = days <= until
    values = pa.array(as_dates(np.where(known, days, 0)), pa.date32(), mask=~known)
    return (
        values.cast(pa.string()) if form == ISO else pc.strftime(values.cast(pa.timestamp("s")), format=form)
    )


def person_numbers(numbers: Integers) -> pa.Array:
    text = pa.array(np.char.zfill(numbers.astype(str), 11))
    return pc.if_else(pa.array(numbers > 0), text, pa.scalar(None, pa.string()))


def orgnrs(numbers: Integers, positions: Integers) -> pa.Array:
    """The enterprises' nine-digit numbers; empty where the position is -1."""
    text = pa.array(numbers[positions].astype(str))
    return pc.if_else(pa.array(positions >= 0), text, pa.scalar(None, pa.string()))


def amounts(values: Integers) -> pa.Array:
    """Whole kroner; empty where negative, which means none."""
    return pc.if_else(pa.array(values >= 0), pa.array(values.astype(str)), pa.scalar(None, pa.string()))


def flags(values: Booleans) -> Texts:
    return np.where(values, "J", "N").astype(object)


def only_share(rng: np.random.Generator, values: npt.ArrayLike, share: float) -> Texts:
    """The values in that share of rows; empty in the others."""
    kept = np.array(values, dtype=object)
    kept[rng.random(len(kept)) >= share] = None
    return kept
