"""Named random streams: one independent stream per part of the world, from one seed.

A stream depends on the seed and its own name alone, so a part may draw more or less without changing another.
"""

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
# Python strings and None, of which many are the same; numpy's stubs know no operations on such arrays. What is another text in
# each row stands in Arrow's arrays, which take a fifth of the memory.
Texts = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
NULL = pa.scalar(None, pa.string())


@dataclass(frozen=True)
class Chance:
    """The source of every random choice in one world."""

    seed: int

    def stream(self, name: str) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, crc32(name.encode())])))


def weighted(rng: np.random.Generator, weights: npt.ArrayLike, size: int) -> Integers:
    """Positions in `weights`, drawn in proportion to them."""
    cumulated = np.cumsum(np.asarray(weights, dtype=float))
    drawn: Integers = np.searchsorted(cumulated, rng.random(size) * cumulated[-1], side="right")
    return np.minimum(drawn, len(cumulated) - 1)


def texts(values: Any) -> Texts:
    """An array of Python strings (None for what is unknown), as all text is held here."""
    filled = np.empty(len(values), dtype=object)
    filled[:] = values
    return filled


def known(values: Texts) -> Booleans:
    """True where there is a text."""
    is_known: Booleans = np.not_equal(values, np.array(None, dtype=object)).astype(bool)
    return is_known


def only_where(condition: Booleans, values: Any) -> Texts:
    """The values where the condition holds, nothing elsewhere."""
    kept = np.array(np.broadcast_to(np.asarray(values, dtype=object), condition.shape))
    kept[~condition] = None
    return kept


def no_texts(count: int) -> Texts:
    return np.full(count, None, dtype=object)


def same_text(value: str, count: int) -> Texts:
    """One text that all rows share: numpy's own `full` makes as many of it."""
    filled = no_texts(count)
    filled[:] = value
    return filled


def expanded(counts: Integers) -> tuple[Integers, Integers]:
    """For every item repeated `counts` times: the item's position, and the number within the item from 0."""
    owners = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return owners, np.arange(len(owners)) - starts[owners]
