"""Delimited text: any line ends, quoted line breaks and delimiters, a byte order mark or none.

It is read in blocks of whole lines. A block without anything to interpret is parsed at once, any other record by record
through Python's reader. What comes out is the same.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from akrim.contracts import Format
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.batches import BATCH_CHARACTERS, BATCH_ROWS, BatchBuilder
from akrim.deliveries.readers.plain_delimited import parse_plain

BYTE_ORDER_MARK_IN_LATIN_1 = "ï»¿"
VALUES_A_RECORD = 16
MAX_FIELDS = 1_000_000  # counted by delimiters, those within quoted text too
FIELD_WEIGHT = 64  # what a field takes in memory beside its characters
BLOCK_CHARACTERS = 512 * 1024


def read_delimited(path: Path, form: Format, builder: BatchBuilder) -> Iterator[pa.RecordBatch]:
    """Batches of a delimited file; a quote that never closes, or closes amid a value, makes it unreadable."""
    csv.field_size_limit(builder.extract.longest_value_bytes)
    lines = _Lines(path, form, builder)
    records = _records(lines, form)
    try:
        header = next(records, None)
        if header is None:
            raise builder.unreadable("it has not even a header")
        problem = _check_header(header, form, builder)
        while not lines.is_at_end:
            block = lines.whole_block
            batch = parse_plain(block, header, form, builder) if block and not problem else None
            if batch is not None:
                builder.allowance.take(batch.num_rows, len(block))
                lines.skip_block()
                yield batch
            elif rows := _next_rows(records, lines):
                builder.allowance.take(len(rows), lines.characters)
                if problem is None:
                    yield builder.from_rows(header, rows)
    except csv.Error as error:
        raise builder.unreadable(f"the delimited text is broken ({error})") from None
    if problem is not None:
        raise problem


def _check_header(header: list[str], form: Format, builder: BatchBuilder) -> Refusal | None:
    """The `columns` refusal that the header deserves, if any; one that is not parted at all is told as that."""
    problem = builder.check_names(header)
    if problem is not None and len(header) == 1:
        told = f"its header is one field; by contract {form.delimiter!r} parts fields"
        return Refusal("columns", f"{builder.file_name}: {told}.")
    return problem


def _records(lines: "_Lines", form: Format) -> Iterator[list[str]]:
    """The records; an empty line is none."""
    for record in csv.reader(lines, delimiter=form.delimiter, strict=True):
        lines.end_record()
        if record:
            yield record


def _next_rows(records: Iterator[list[str]], lines: "_Lines") -> list[list[str]]:
    """The records up to the end of a block; fewer where they are many or long."""
    rows: list[list[str]] = []
    lines.characters = lines.weight = 0
    for row in records:
        rows.append(row)
        if lines.whole_block or len(rows) == BATCH_ROWS or lines.weight > BATCH_CHARACTERS:
            break
    return rows


class _Lines:
    """The file's lines, of which no record may have too many or too long ones; counts what they come to.

    A block that no record has begun can be taken whole instead.
    """

    def __init__(self, path: Path, form: Format, builder: BatchBuilder) -> None:
        self.characters = self.weight = 0
        self._in_record = self._fields = 0
        self._limit = builder.extract.longest_value_bytes * VALUES_A_RECORD
        self._builder = builder
        self._blocks = self._read(path, form)
        self._left = 0  # characters of the begun block that were not given yet
        self._block = ""
        self._lines = self._split(form.delimiter)
        self.skip_block()

    def __iter__(self) -> Iterator[str]:
        return self._lines

    @property
    def is_at_end(self) -> bool:
        return not self._left and not self._block

    @property
    def whole_block(self) -> str:
        """The next block; empty while another is begun."""
        return "" if self._left else self._block

    def skip_block(self) -> None:
        """Take the next block for read."""
        self._block = next(self._blocks, "")

    def end_record(self) -> None:
        """What is read from here on belongs to another record."""
        self._in_record = self._fields = 0

    def _read(self, path: Path, form: Format) -> Iterator[str]:
        """The first line, then blocks of whole lines."""
        encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
        with path.open(encoding=encoding, newline="") as file:
            block = file.readline(self._limit + 1).removeprefix(BYTE_ORDER_MARK_IN_LATIN_1)
            while block:
                yield block
                block = file.read(BLOCK_CHARACTERS) + file.readline(self._limit + 1)

    def _split(self, delimiter: str) -> Iterator[str]:
        while block := self._block:
            self.skip_block()
            self._left = len(block)
            for line in io.StringIO(block, newline=""):
                self._left -= len(line)
                self._count(line, delimiter)
                if self._in_record > self._limit or self._fields > MAX_FIELDS:
                    raise self._builder.unreadable("a record is longer than the contract allows")
                if "\0" in line:
                    raise self._builder.unreadable("it holds NUL bytes")
                yield line

    def _count(self, line: str, delimiter: str) -> None:
        length, fields = len(line), line.count(delimiter)
        self._in_record += length
        self._fields += fields
        self.characters += length
        self.weight += length + FIELD_WEIGHT * fields
