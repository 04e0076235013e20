"""JSON lines in gzip: one object a line, nested as the contract says, flattened to its columns."""

import codecs
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from akrim.contracts import Column, Format
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.batches import MISTYPED, BatchBuilder, Fields, printable_name
from akrim.deliveries.readers.plain_json import MAX_DIGITS, MAX_VALUES, parse_plain, plain_schema

VALUES_A_LINE = 16
BLOCK_BYTES = 512 * 1024
# Possessive, so that a giant string leaves no trail of places to come back to; one without an end ends with the line,
# else every quote within it would be tried for a beginning.
STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
BRACKET = re.compile(r"[{}\[\]]")


class NamedTwice(Exception):
    """An object that names a field twice, which JSON leaves undefined."""


def read_json_lines(path: Path, _: Format, builder: BatchBuilder) -> Iterator[pa.RecordBatch]:
    """Batches of a gzip-ed JSON lines file, read in blocks of whole lines; one of plain objects is parsed at once."""
    flattener = _Flattener(builder)
    schema = plain_schema(builder)
    try:
        for block in _blocks(path, builder):
            batch = parse_plain(block, schema, builder) if schema and not flattener.problem else None
            if batch is not None:
                builder.allowance.take(block.count(b"\n") + (not block.endswith(b"\n")), len(block))
                flattener.total += batch.num_rows
                yield batch
                continue
            for line in _lines(block, builder):
                flattener.add(_parse(line, flattener, builder))
            yield from flattener.take_batch()
    except (EOFError, OSError, zlib.error):
        raise builder.unreadable("it is no complete gzip file") from None
    if flattener.problem is not None:
        raise flattener.problem


def _blocks(path: Path, builder: BatchBuilder) -> Iterator[bytes]:
    """Whole lines, the first without its byte order mark; one that is too long is cut."""
    if path.stat().st_size == 0:
        raise builder.unreadable("it is empty, not a gzip file without lines")
    with gzip.open(path, "rb") as file:
        block = _block(file, builder).removeprefix(codecs.BOM_UTF8)
        while block:
            yield block
            block = _block(file, builder)


def _block(file: gzip.GzipFile, builder: BatchBuilder) -> bytes:
    return file.read(BLOCK_BYTES) + file.readline(_longest_line(builder) + 1)


def _longest_line(builder: BatchBuilder) -> int:
    return builder.extract.longest_value_bytes * VALUES_A_LINE


def _lines(block: bytes, builder: BatchBuilder) -> Iterator[str]:
    for line in io.BytesIO(block):
        builder.allowance.take(1, len(line))
        if len(line) > _longest_line(builder):
            raise builder.unreadable("a line is longer than the contract allows")
        text = line.decode("utf-8")
        if "\0" in text:
            raise builder.unreadable("it holds NUL bytes")
        if not text.isspace():
            yield text


def _parse(line: str, flattener: "_Flattener", builder: BatchBuilder) -> dict[str, Any]:
    _check_structure(line, builder)
    try:
        record = json.loads(
            line, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_whole_number
        )
    except NamedTwice as twice:
        flattener.problem = flattener.problem or Refusal(
            "columns", f"{builder.file_name}: field repeated: {twice}."
        )
        record = _plain(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise builder.unreadable(f"line {flattener.total + 1} is no JSON object")
    if "\\u0000" in line.replace("\\\\", ""):
        raise builder.unreadable("it holds NUL characters")
    return record


def _plain(line: str) -> Any:
    """The line as JSON reads it where a field is named twice; None where it cannot be read at all."""
    try:
        return json.loads(line, parse_int=_whole_number)
    except (ValueError, RecursionError):
        return None


def _check_structure(line: str, builder: BatchBuilder) -> None:
    """Raises Refusal for a line that nests deeper, or holds more values, than is allowed; text may hold any signs."""
    deepest = builder.extract.deepest_nesting
    brackets = line.count("{") + line.count("[")
    if brackets <= deepest and line.count(",") <= MAX_VALUES:
        return
    structure = STRING.sub("", line)
    if structure.count(",") + structure.count("{") + structure.count("[") > MAX_VALUES:
        raise builder.unreadable("an object holds more values than any record")
    depth = 0
    for bracket in BRACKET.findall(structure):
        depth += 1 if bracket in "{[" else -1
        if depth > deepest:
            raise builder.unreadable("an object is nested deeper than the contract allows")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        times = Counter(name for name, _ in pairs)
        raise NamedTwice(printable_name(next(name for name in times if times[name] > 1)))
    return fields


def _whole_number(digits: str) -> int | Decimal:
    """A number that may count something; one that is too long for that is of no agreed type, and is kept by its digits.

    The time to read an `int` grows with the square of its length, that of a `Decimal` with its length.
    """
    return int(digits) if len(digits) <= MAX_DIGITS else Decimal(digits)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class _Flattener:
    """Collects records column by column; remembers the first field that was not agreed."""

    def __init__(self, builder: BatchBuilder) -> None:
        self._builder = builder
        self._fields = builder.agreed_fields()
        self.problem: Refusal | None = None
        self.total = 0
        self._clear()

    def _clear(self) -> None:
        self.count = 0
        self._columns: dict[str, list[str | None]] = {name: [] for name in self._builder.agreed}
        self._mistyped: list[str | None] = []

    def add(self, record: dict[str, Any]) -> None:
        values: dict[str, str | None] = {}
        mistyped: list[str] = []
        self._flatten(record, self._fields, values, mistyped)
        for name, column in self._columns.items():
            column.append(values.get(name))
        self._mistyped.append(f",{','.join(mistyped)}," if mistyped else None)
        self.count += 1
        self.total += 1

    def take_batch(self) -> Iterator[pa.RecordBatch]:
        """What was collected, unless it is nothing or the file is to be refused; begins anew."""
        if self.count and self.problem is None:
            arrays = {name: pa.array(values, pa.string()) for name, values in self._columns.items()}
            mistyped = pa.array(self._mistyped, pa.string())
            yield self._builder.from_arrays(arrays, self.count, **{MISTYPED: mistyped})
        self._clear()

    def _flatten(
        self, record: dict[str, Any], fields: Fields, values: dict[str, str | None], mistyped: list[str]
    ) -> None:
        for name, value in record.items():
            field = fields.get(name)
            if field is None:
                if not self._builder.extract.is_open:
                    self._not_agreed(f"field not agreed: {printable_name(name)}")
            elif value is None:
                continue
            elif isinstance(field, dict):
                self._descend(name, value, field, values, mistyped)
            else:
                self._take(field, value, values, mistyped)

    def _descend(
        self, name: str, value: Any, fields: Fields, values: dict[str, str | None], mistyped: list[str]
    ) -> None:
        if isinstance(value, dict):
            self._flatten(value, fields, values, mistyped)
        elif isinstance(value, list):
            self._not_agreed(f"a list where an object is agreed: {name}")
        else:
            column = _first_column(fields)
            values[column.path] = value if isinstance(value, str) else _as_sent(value)
            mistyped.append(column.name)

    def _take(self, column: Column, value: Any, values: dict[str, str | None], mistyped: list[str]) -> None:
        if isinstance(value, dict) or (isinstance(value, list) and column.kind != "text_list"):
            self._not_agreed(f"an object or list where a single value is agreed: {column.path}")
            return
        if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
            self._not_agreed(f"an object or list within {column.path}")
            return
        text = _agreed_text(column, value)
        if text is None:
            mistyped.append(column.name)
            text = _as_sent(value)
        values[column.path] = text

    def _not_agreed(self, what: str) -> None:
        self.problem = self.problem or Refusal("columns", f"{self._builder.file_name}: {what}.")


def _as_sent(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)


def _agreed_text(column: Column, value: Any) -> str | None:
    """The value as text, or None where its JSON type is not the agreed one."""
    if isinstance(value, str):
        return value if column.kind in ("text", "date") else None
    if isinstance(value, bool):
        return str(value).lower() if column.kind == "boolean" else None
    if isinstance(value, int | float):
        return _number(column, value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(item for item in value if item)
    return None


def _number(column: Column, value: int | float) -> str | None:
    if column.kind not in ("integer", "decimal"):
        return None
    whole = isinstance(value, int) or value.is_integer()
    return str(int(value)) if whole else str(value)


def _first_column(fields: Fields) -> Column:
    first = next(iter(fields.values()))
    return _first_column(first) if isinstance(first, dict) else first
