"""Adds about one invalid row in five hundred, each wrong in one way that the contract forbids, with its expected code.

Invalid rows are added to the valid ones with their own keys, so that an extract's state is the same with and without
them; some children refer to an invalid parent and must be set aside with it. What can be wrong is read from the contract.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.contracts import REMOVED_COLUMN, Column, Extract
from akrim.synthetic.world.numbers import control_digits
from akrim.synthetic.world.randomness import Booleans, Integers

ONE_IN = 500
AT_LEAST = 3
FORBIDDEN_ROLES = ("vitne", "fornaermet", "anmelder")
CODES = (
    "malformed_row", "forbidden_role", "real_range_person_number", "empty_required", "repeated_key", "bad_date",
    "future_date", "bad_value", "unknown_code", "invalid_orgnr", "orphan_parent", "unknown_reference",
)  # fmt: skip
Row = dict[str, object]


class WrongRow(NamedTuple):
    """One line of the answer key."""

    row_number: int
    code: str
    key: str


class Spoiled(NamedTuple):
    """The table with the invalid rows added, which rows have a field too many, and the answer key."""

    table: pa.Table
    has_surplus_field: Booleans
    wrong: list[WrongRow]


@dataclass
class Spoiler:
    """Adds invalid rows to an agency's extracts one after another, parents first."""

    rng: np.random.Generator
    delivered_on: date
    spare_orgnrs: Integers
    first_code: int = 0
    used: Counter[str] = field(default_factory=Counter)
    wrong_keys: dict[str, list[str]] = field(default_factory=dict)
    filled: dict[str, Integers] = field(default_factory=dict)

    def spoil(self, agreed: Extract, table: pa.Table) -> Spoiled:
        """Add a few invalid rows; `table` has text, except for typed columns of Parquet."""
        total = table.num_rows
        count = min(max(AT_LEAST, total // ONE_IN), total)
        self.filled.clear()
        rows, codes, sources = [], [], []
        for number in range(count):
            made = self._wrong_row(agreed, table, number)
            if made is not None:
                row, code, source = made
                rows.append(row)
                codes.append(code)
                sources.append(source)
        return self._insert(agreed, table, (rows, codes, np.array(sources, dtype=np.int64)))

    def _wrong_row(self, agreed: Extract, table: pa.Table, number: int) -> tuple[Row, str, int] | None:
        for code in self._least_used(agreed, table):
            columns = candidates(agreed, table, code)
            column = columns[int(self.rng.integers(0, len(columns)))]
            source = self._source(table, column, code)
            if source is None:
                continue
            row: Row = table.slice(source, 1).to_pylist()[0]
            if code != "repeated_key":
                row[agreed.key.path] = self._fresh_key(agreed, str(row[agreed.key.path]), number)
            row[column.path] = self._wrong_value(agreed, column, code, row)
            self.used[code] += 1
            return row, code, source
        return None

    def _least_used(self, agreed: Extract, table: pa.Table) -> list[str]:
        rotated = CODES[self.first_code :] + CODES[: self.first_code]
        possible = [code for code in rotated if candidates(agreed, table, code)]
        return sorted(possible, key=lambda code: self.used[code])

    def _source(self, table: pa.Table, column: Column, code: str) -> int | None:
        """A valid row to copy in which the column is filled, so that the defect is the only one."""
        name = "" if code in ("malformed_row", "repeated_key") else column.path
        if name not in self.filled:
            usable = pa.array(np.ones(table.num_rows, dtype=bool)) if not name else table[name].is_valid()
            if REMOVED_COLUMN in table.column_names:
                usable = pc.and_(usable, pc.equal(table[REMOVED_COLUMN], "N"))
            self.filled[name] = np.flatnonzero(np.asarray(usable))
        rows = self.filled[name]
        return int(rows[self.rng.integers(0, len(rows))]) if len(rows) else None

    def _fresh_key(self, agreed: Extract, key: str, number: int) -> str:
        if agreed.key.meaning == "orgnr":
            return str(self.spare_orgnrs[number])
        return f"{key}-{number + 1}"

    def _wrong_value(self, agreed: Extract, column: Column, code: str, row: Row) -> object:
        right = row[column.path]
        makers: dict[str, Callable[[], object]] = {
            "forbidden_role": lambda: FORBIDDEN_ROLES[int(self.rng.integers(0, len(FORBIDDEN_ROLES)))],
            "real_range_person_number": lambda: long_dead_person_number(self.rng),
            "empty_required": lambda: None,
            "bad_date": lambda: _invalid_date(column, self.rng),
            "future_date": lambda: _written(
                column, self.delivered_on + timedelta(days=int(self.rng.integers(30, 900)))
            ),
            "bad_value": lambda: '"ukjent"' if agreed.formats[0].name == "jsonl.gz" else "ukjent",
            "unknown_code": lambda: "UKJENT",
            "invalid_orgnr": lambda: str(right)[:8] + str((int(str(right)[8]) + 1) % 10),
            "orphan_parent": lambda: self._missing_parent(column),
            "unknown_reference": lambda: f"{right}0",
        }
        return makers[code]() if code in makers else right

    def _missing_parent(self, column: Column) -> str:
        wrong = self.wrong_keys.get(column.parent[0], []) if column.parent else []
        if wrong and self.rng.random() < 0.6:
            return wrong[int(self.rng.integers(0, len(wrong)))]
        return f"0-{int(self.rng.integers(1000, 10000))}"

    def _insert(
        self, agreed: Extract, table: pa.Table, made: tuple[list[Row], list[str], Integers]
    ) -> Spoiled:
        rows, codes, sources = made
        total, count = table.num_rows, len(rows)
        if count == 0:
            return untouched(table)
        extra = pa.Table.from_pylist(rows, schema=table.schema)
        after = sources + (self.rng.random(count) * (total - sources)).astype(np.int64)
        place = np.concatenate([np.arange(total) * 2.0, after * 2.0 + 1.0])
        order = np.argsort(place, kind="stable")
        position = np.empty(total + count, dtype=np.int64)
        position[order] = np.arange(total + count)
        surplus = np.concatenate([np.zeros(total, dtype=bool), np.array(codes) == "malformed_row"])
        keys = [str(row[agreed.key.path] or "") for row in rows]
        self.wrong_keys[agreed.name] = [
            key for key, code in zip(keys, codes, strict=True) if key and code != "repeated_key"
        ]
        numbers = position[total:] + 1
        wrong = [WrongRow(*found) for found in zip(numbers.tolist(), codes, keys, strict=True)]
        return Spoiled(pa.concat_tables([table, extra]).take(order), surplus[order], sorted(wrong))


def candidates(agreed: Extract, table: pa.Table, code: str) -> list[Column]:
    """The columns that can be wrong in that way; the key for rows that are wrong as a whole."""
    form = agreed.formats[0].name
    if code == "malformed_row":
        return [agreed.key] if form == "csv" else []
    if code == "repeated_key":
        return [agreed.key]
    fits: dict[str, Callable[[Column], bool]] = {
        "forbidden_role": lambda c: c.never_load_others,
        "real_range_person_number": lambda c: c.meaning == "personNumber",
        "empty_required": lambda c: c.is_required and not c.needed_with and not c.never_load_others,
        "bad_date": lambda c: c.kind == "date",
        "future_date": lambda c: c.kind == "date" and not c.is_future_allowed,
        "bad_value": lambda c: c.kind in ("integer", "decimal", "boolean"),
        "unknown_code": lambda c: bool(c.codes) and not c.never_load_others,
        "invalid_orgnr": lambda c: c.meaning == "orgnr" and c.is_required,
        "orphan_parent": lambda c: c.parent is not None,
        "unknown_reference": lambda c: c.meaning in ("release", "person"),
    }
    text = {name for name in table.column_names if pa.types.is_string(table.schema.field(name).type)}
    return [column for column in agreed.columns if column.path in text and fits[code](column)]


def _written(column: Column, when: date) -> str:
    return when.strftime("%d.%m.%Y") if column.date_format == "DD.MM.YYYY" else when.isoformat()


def _invalid_date(column: Column, rng: np.random.Generator) -> str:
    """A day that does not exist, or one in another agency's date format."""
    day = date(2019, int(rng.integers(1, 13)), int(rng.integers(13, 29)))
    if rng.random() < 0.5:
        return "31.02.2020" if column.date_format == "DD.MM.YYYY" else "2020-02-31"
    return day.isoformat() if column.date_format == "DD.MM.YYYY" else day.strftime("%d.%m.%Y")


def long_dead_person_number(rng: np.random.Generator) -> str:
    """A valid number of the real range that nobody can have: of a birth year from 1854 to 1859."""
    while True:
        day, month, year = int(rng.integers(1, 29)), int(rng.integers(1, 13)), int(rng.integers(54, 60))
        digits = [int(d) for d in f"{day:02}{month:02}{year:02}{int(rng.integers(500, 750))}"]
        first, second = control_digits(digits)
        if first < 10 and second < 10:
            return "".join(map(str, [*digits, first, second]))


def untouched(table: pa.Table) -> Spoiled:
    return Spoiled(table, np.zeros(table.num_rows, dtype=bool), [])
