"""Dataclasses whose fields are arrays, aligned by row: some of the rows, and several put together."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from akrim.synthetic.world.randomness import Booleans, Integers

Aligned = TypeVar("Aligned")


def taken(rows_of: Aligned, rows: Integers | Booleans) -> Aligned:
    """The rows at these positions, in their order, or those that are marked."""
    return type(rows_of)(*(column[rows] for column in _columns(rows_of)))


def together(parts: Sequence[Aligned]) -> Aligned:
    """The rows of all parts, one after another."""
    return type(parts[0])(*map(np.concatenate, zip(*map(_columns, parts), strict=True)))


def _columns(rows_of: object) -> list[Any]:
    return [getattr(rows_of, field.name) for field in fields(rows_of)]
