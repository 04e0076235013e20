"""Delimited text: any line ends, quoted line breaks and delimiters, a byte order mark or none."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from akrim.contracts import Format
from akrim.deliveries.readers.batches import BATCH_CHARACTERS, BATCH_ROWS, BatchBuilder

BYTE_ORDER_MARK_IN_LATIN_1 = "ï»¿"
VALUES_A_RECORD = 16
MAX_FIELDS = 1_000_000  # counted by delimiters, those within quoted text too
FIELD_WEIGHT = 64  # what a field takes in memory beside its characters


def read_delimited(path: Path, form: Format, builder: BatchBuilder) -> Iterator[pa.RecordBatch]:
    """Batches of a delimited file; a quote that never closes, or closes amid a value, makes it unreadable."""
    csv.field_size_limit(builder.extract.longest_value_bytes)
    lines = _Lines(path, form, builder)
    records = _records(lines, form)
    try:
        header = next(records, None)
        if header is None:
            raise builder.unreadable("it has not even a header")
        problem = builder.check_names(header)
        while rows := _next_rows(records, lines):
            builder.allowance.take(len(rows), lines.characters)
            if problem is None:
                yield builder.from_rows(header, rows)
    except csv.Error as error:
        raise builder.unreadable(f"the delimited text is broken ({error})") from None
    if problem is not None:
        raise problem


def _records(lines: "_Lines", form: Format) -> Iterator[list[str]]:
    """The records; an empty line is none."""
    for record in csv.reader(lines, delimiter=form.delimiter, strict=True):
        lines.end_record()
        if record:
            yield record


def _next_rows(records: Iterator[list[str]], lines: "_Lines") -> list[list[str]]:
    """So many records as make a batch, fewer where they are long."""
    rows: list[list[str]] = []
    lines.characters = lines.weight = 0
    for row in records:
        rows.append(row)
        if len(rows) == BATCH_ROWS or lines.weight > BATCH_CHARACTERS:
            break
    return rows


class _Lines:
    """The file's lines, of which no record may have too many or too long ones; counts what they come to."""

    def __init__(self, path: Path, form: Format, builder: BatchBuilder) -> None:
        self.characters = self.weight = 0
        self._in_record = self._fields = 0
        self._lines = self._read(path, form, builder)

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def end_record(self) -> None:
        """What is read from here on belongs to another record."""
        self._in_record = self._fields = 0

    def _read(self, path: Path, form: Format, builder: BatchBuilder) -> Iterator[str]:
        limit = builder.extract.longest_value_bytes * VALUES_A_RECORD
        encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
        with path.open(encoding=encoding, newline="") as file:
            line = file.readline(limit + 1).removeprefix(BYTE_ORDER_MARK_IN_LATIN_1)
            while line:
                self._count(line, form.delimiter)
                if self._in_record > limit or self._fields > MAX_FIELDS:
                    raise builder.unreadable("a record is longer than the contract allows")
                if "\0" in line:
                    raise builder.unreadable("it holds NUL bytes")
                yield line
                line = file.readline(limit + 1)

    def _count(self, line: str, delimiter: str) -> None:
        length, fields = len(line), line.count(delimiter)
        self._in_record += length
        self._fields += fields
        self.characters += length
        self.weight += length + FIELD_WEIGHT * fields
