"""Records to Arrow batches of one schema: the contract's columns as text, and what a row's reader found wrong."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.contracts import REMOVED_COLUMN, Column, Extract
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.allowance import Allowance

BATCH_ROWS = 50_000
BATCH_CHARACTERS = 32 * 1024**2
# Of a record that is set aside: fields where there are too many or too few, and characters of each.
MAX_FIELDS_KEPT = 100
MAX_CHARACTERS_KEPT = 10_000

# What stands in a batch beside the contract's columns.
ROW_NUMBER = "row_number"
DEFECT = "defect"  # null, malformed_row, forbidden_role, or repeated_key where a forbidden row had the key
DEFECT_RAW = "defect_raw"  # JSON of the row where its columns cannot hold it
MISTYPED = "mistyped"  # names, between commas, of columns whose JSON type is not the agreed one
REMOVED = "removed"  # the delta's _slettet as sent
CELLS = "cells"  # JSON of the spreadsheet cell that each column came from

Fields = dict[str, Any]  # a field's Column, or the Fields of the object that it is


class BatchBuilder:
    """Builds batches for one file; knows the extract, and numbers the records from 1."""

    def __init__(self, extract: Extract, is_delta: bool, file_name: str, allowance: Allowance) -> None:
        self.extract = extract
        self.file_name = file_name
        self.allowance = allowance
        removal = {REMOVED_COLUMN: Column(path=REMOVED_COLUMN, kind="text")} if is_delta else {}
        self.agreed = {column.path: column for column in extract.columns} | removal
        # Nothing is ever removed from an append-only extract, so its files may leave the column out.
        self._may_miss = {REMOVED_COLUMN} if extract.is_append_only else set()
        self._next = 1
        self._guarded = next((c for c in extract.columns if c.never_load_others), None)
        self._forbidden_keys: set[str] = set()

    @property
    def is_guarded(self) -> bool:
        """Whether a code may be one that is never loaded, so that each row is looked at before it is kept."""
        return self._guarded is not None

    def agreed_fields(self) -> Fields:
        """The agreed columns, by the objects that their paths lead through."""
        fields: Fields = {}
        for path, column in self.agreed.items():
            *objects, leaf = path.split(".")
            place = fields
            for name in objects:
                place = place.setdefault(name, {})
            place[leaf] = column
        return fields

    def check_names(self, names: Sequence[str]) -> Refusal | None:
        """The `columns` refusal that these names deserve, if any."""
        repeated = sorted(name for name, times in Counter(names).items() if times > 1)
        unknown = sorted(set(names) - self.agreed.keys())
        missing = sorted(self.agreed.keys() - set(names) - self._may_miss)
        found = [
            f"column {what}: {', '.join(map(printable_name, which[:10]))}"
            for what, which in (("missing", missing), ("not agreed", unknown), ("repeated", repeated))
            if which
        ]
        return Refusal("columns", f"{self.file_name}: {'; '.join(found)}.") if found else None

    def unreadable(self, why: str) -> Refusal:
        return Refusal("unreadable_file", f"{self.file_name} cannot be read: {why}.")

    def from_rows(self, header: Sequence[str], rows: list[list[str]]) -> pa.RecordBatch:
        """Rows of text fields in the header's order, some perhaps with too many or too few."""
        width = len(header)
        numbers = range(self._next, self._next + len(rows))
        if all(len(row) == width for row in rows):
            return self._assemble(header, list(zip(*rows, strict=True)), numbers, {})
        defects = {n: r for n, r in zip(numbers, rows, strict=True) if len(r) != width}
        blank = [""] * width
        fitted = [row if len(row) == width else blank for row in rows]
        return self._assemble(header, list(zip(*fitted, strict=True)), numbers, defects)

    def from_arrays(self, arrays: dict[str, pa.Array], count: int, **more: pa.Array) -> pa.RecordBatch:
        """Columns that are Arrow text already; absent ones are null. `more` overrides the reader's own columns."""
        numbers = range(self._next, self._next + count)
        self._next += count
        nulls = pa.nulls(count, pa.string())
        columns = {c.name: _text(arrays.get(c.path, nulls)) for c in self.extract.columns}
        own = {
            ROW_NUMBER: pa.array(numbers, pa.int64()),
            DEFECT: nulls,
            DEFECT_RAW: nulls,
            MISTYPED: nulls,
            REMOVED: _text(arrays.get(REMOVED_COLUMN, nulls)),
            CELLS: nulls,
        } | more
        return pa.RecordBatch.from_pydict({**own, **columns})

    def from_fitting(
        self, columns: dict[str, pa.ChunkedArray], count: int, malformed: dict[int, list[str]]
    ) -> pa.RecordBatch:
        """Columns of text of the rows that fit, and the fields of those that do not, by their places between them."""
        arrays = {name: column.combine_chunks() for name, column in columns.items()}
        if not malformed:
            return self.from_arrays(arrays, count)
        fits = np.ones(count + len(malformed), dtype=bool)
        fits[list(malformed)] = False
        source = pa.array(np.cumsum(fits) - 1, mask=~fits)
        raw = [
            self._raw_fields(malformed[place]) if place in malformed else None for place in range(len(fits))
        ]
        return self.from_arrays(
            {name: array.take(source) for name, array in arrays.items()},
            len(fits),
            **{
                DEFECT: pc.if_else(pa.array(fits), pa.scalar(None, pa.string()), "malformed_row"),
                DEFECT_RAW: pa.array(raw, pa.string()),
            },
        )

    def _assemble(
        self,
        header: Sequence[str],
        columns: list[tuple[str, ...]],
        numbers: range,
        malformed: dict[int, list[str]],
    ) -> pa.RecordBatch:
        defects: dict[int, tuple[str, str]] = {
            number: ("malformed_row", self._raw_fields(row)) for number, row in malformed.items()
        }
        by_name = dict(zip(header, columns, strict=True))
        if self._guarded is not None:
            by_name = self._drop_forbidden(by_name, numbers, defects, self._guarded)
        arrays = {name: pa.array(values, pa.string()) for name, values in by_name.items()}
        found = [defects.get(number, (None, None)) for number in numbers] if defects else []
        more = (
            {
                DEFECT: pa.array([code for code, _ in found], pa.string()),
                DEFECT_RAW: pa.array([raw for _, raw in found], pa.string()),
            }
            if defects
            else {}
        )
        return self.from_arrays(arrays, len(numbers), **more)

    def _drop_forbidden(
        self,
        columns: dict[str, tuple[str, ...]],
        numbers: range,
        defects: dict[int, tuple[str, str]],
        guarded: Column,
    ) -> dict[str, tuple[str, ...]]:
        """Blank every row whose guarded code is not agreed, and remember its key: the key has been seen.

        A removal names its key alone: what stands in its other fields is dropped unread.
        """
        roles, keys = columns[guarded.path], columns[self.extract.key.path]
        removed = columns.get(REMOVED_COLUMN, ("N",) * len(numbers))
        blanked: set[int] = set()
        blanked_fields: set[int] = set()
        for place, number in enumerate(numbers):
            if number in defects:
                continue
            is_removal = removed[place] == "J"
            if is_removal:
                blanked_fields.add(place)
            if not is_removal and roles[place] not in guarded.codes:
                defects[number] = (
                    "forbidden_role",
                    json.dumps({guarded.path: _shortened(roles[place])}, ensure_ascii=False),
                )
                self._forbidden_keys |= {keys[place]} - {""}
                blanked.add(place)
            elif keys[place] in self._forbidden_keys:
                defects[number] = ("repeated_key", "")
        if not blanked | blanked_fields:
            return columns
        kept = {self.extract.key.path, REMOVED_COLUMN}
        return {
            name: tuple(
                "" if place in blanked or (place in blanked_fields and name not in kept) else value
                for place, value in enumerate(values)
            )
            for name, values in columns.items()
        }

    def _raw_fields(self, row: list[str]) -> str:
        """A malformed row as JSON; where its role could be a forbidden one, its length alone."""
        if self._guarded is not None:
            return json.dumps({"fields": len(row)})
        kept = [_shortened(field) for field in row[:MAX_FIELDS_KEPT]]
        return json.dumps({"fields": kept}, ensure_ascii=False)


def printable_name(name: str) -> str:
    """A field's name for a message; what may be data rather than a name is not repeated."""
    return name if re.fullmatch(r"[A-Za-zÆØÅæøå_.][A-Za-zÆØÅæøå_.0-9 -]{0,59}", name) else "(no proper name)"


def _shortened(field: str) -> str:
    """A field's beginning; no number is cut, since half a person number would not be known for one and masked."""
    if len(field) <= MAX_CHARACTERS_KEPT:
        return field
    return field[:MAX_CHARACTERS_KEPT].rstrip("0123456789 ") + "…"


def _text(values: Any) -> pa.Array:
    """Text with empty values as null: an empty field and an absent one both mean unknown."""
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
