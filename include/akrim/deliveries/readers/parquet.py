"""Parquet: text as text, numbers and dates from Parquet's own types, each only where its type can hold what is agreed."""

import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from akrim.contracts import Column, Format
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.batches import BATCH_CHARACTERS, BatchBuilder

ROWS_A_BATCH = 20_000
MAX_FOOTER_BYTES = 16 * 1024**2
MAX_GROUP_BYTES = 1536 * 1024**2  # one row group, unpacked: less than a reader's memory
DECODED_AT_ONCE_BYTES = 256 * 1024**2
ENDINGS = (b"PAR1", b"PARE")  # the second where the footer is encrypted
FOOTER_LENGTH = 8  # four bytes that say how long the footer is, and four that end the file
# Beside Arrow's own errors, those that Python makes of what its C++ raises on a spoilt file.
SPOILT = (pa.ArrowException, OSError, RuntimeError, ValueError, TypeError, IndexError, ArithmeticError)
OTHER_VALUE_BYTES = 24  # the longest that a number or a date becomes as text


def read_parquet(path: Path, _: Format, builder: BatchBuilder) -> Iterator[pa.RecordBatch]:
    """Batches of a Parquet file; text columns are read as dictionaries, so repeated text costs no memory.

    Columns that are not agreed, or of no type that can hold what is agreed, are never read.
    """
    try:
        _check_footer(path, builder)
        described = pq.ParquetFile(path, pre_buffer=False, memory_map=True)
        schema = described.schema_arrow
        problem = builder.check_names(schema.names) or _check_types(schema, builder)
        sound = _sound_columns(schema, builder)
        _check_size(described.metadata, builder)
        texts = [name for name in sound if _is_text(schema.field(name).type)]
        as_dictionaries = sorted(set(texts) - _written_by_differences(described, texts))
        file = pq.ParquetFile(
            path,
            metadata=described.metadata,
            read_dictionary=as_dictionaries,
            pre_buffer=False,
            memory_map=True,
        )
        for batch in file.iter_batches(batch_size=ROWS_A_BATCH, columns=sound) if sound else ():
            for part in _parts(_with_dictionaries(batch), builder):
                if problem is None:
                    yield _as_text(part, builder)
    except MemoryError:  # said where the reader's memory is bounded
        raise
    except SPOILT:
        raise builder.unreadable("it is no sound Parquet file") from None
    if problem is not None:
        raise problem


def _check_footer(path: Path, builder: BatchBuilder) -> None:
    """The footer is held whole, many times its size: it must be of a size that few columns need."""
    with path.open("rb") as file:
        file.seek(-min(FOOTER_LENGTH, path.stat().st_size), os.SEEK_END)
        size, ending = file.read(4), file.read(4)
    if ending in ENDINGS and int.from_bytes(size, "little") > MAX_FOOTER_BYTES:
        raise builder.unreadable("its footer is larger than the contract allows")


def _sound_columns(schema: pa.Schema, builder: BatchBuilder) -> list[str]:
    """The columns that are agreed, there once, and of a type that can hold what is agreed."""
    times = Counter(schema.names)
    agreed = builder.agreed
    return [
        field.name
        for field in schema
        if times[field.name] == 1 and field.name in agreed and _can_hold(field.type, agreed[field.name])
    ]


def _check_size(metadata: pq.FileMetaData, builder: BatchBuilder) -> None:
    """Hold what the file says of itself against the limits; what it comes to is counted while it is read.

    Of whole row groups, since Arrow ends the process where a column's own description is spoilt.
    """
    sizes = [metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)]
    if min(metadata.num_rows, *sizes, 0) < 0:
        raise builder.unreadable("it says of itself that it holds less than nothing")
    builder.allowance.take(metadata.num_rows, 0)
    builder.allowance.hold_against(sum(sizes))
    if max(sizes, default=0) > MAX_GROUP_BYTES:
        raise builder.unreadable("a row group unpacks to more than the contract allows")


def _written_by_differences(described: pq.ParquetFile, names: list[str]) -> set[str]:
    """Those of the columns whose values are written by what differs between them: Arrow cannot read these as dictionaries.

    A first row is read of each row group, since Arrow then raises what it ends the process with where a description is asked for.
    """
    metadata = described.metadata
    places = {metadata.schema.column(place).path: place for place in range(metadata.num_columns)}
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    for number in range(len(groups)):
        next(described.iter_batches(1, row_groups=[number], columns=names), None)
    return {
        name
        for name in names
        for group in groups
        if any(encoding.startswith("DELTA_") for encoding in group.column(places[name]).encodings)
    }


def _with_dictionaries(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with all its text as dictionaries, in which lengths are looked up by distinct values."""
    columns = [column.dictionary_encode() if _is_text(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _check_types(schema: pa.Schema, builder: BatchBuilder) -> Refusal | None:
    for field in schema:
        name, column = field.name, builder.agreed[field.name]
        if not _can_hold(field.type, column):
            return Refusal(
                "columns",
                f"{builder.file_name}: {name} has type {str(field.type)[:60]}, which cannot hold {column.kind}.",
            )
    return None


def _can_hold(kind: pa.DataType, column: Column) -> bool:
    kind = kind.value_type if pt.is_dictionary(kind) else kind
    if _is_text(kind) or pt.is_null(kind):
        return True
    if column.kind == "date":
        return bool(pt.is_date(kind))
    if column.kind in ("integer", "decimal"):
        return bool(pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind))
    return column.kind == "boolean" and bool(pt.is_boolean(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def _parts(batch: pa.RecordBatch, builder: BatchBuilder) -> Iterator[pa.RecordBatch]:
    """The batch in parts whose text is small enough to be held at once; counts what it comes to."""
    if (
        max((_longest_value(column) for column in batch.columns), default=0)
        > builder.extract.longest_value_bytes
    ):
        raise builder.unreadable("a value is longer than the contract allows")
    sizes = sum((_value_bytes(column) for column in batch.columns), np.zeros(batch.num_rows, dtype=np.int64))
    builder.allowance.take(0, int(sizes.sum()))
    ends = np.cumsum(sizes)
    start = 0
    while start < batch.num_rows:
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + BATCH_CHARACTERS)))
        yield batch.slice(start, stop - start)
        start = stop


def _as_text(part: pa.RecordBatch, builder: BatchBuilder) -> pa.RecordBatch:
    columns = zip(part.schema.names, part.columns, strict=True)
    return builder.from_arrays({name: _text(column, builder) for name, column in columns}, part.num_rows)


def _value_bytes(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How long each value is as text, without making it text."""
    if not _is_text_dictionary(values.type):
        return np.full(len(values), OTHER_VALUE_BYTES, dtype=np.int64)
    lengths = pc.take(pc.binary_length(values.dictionary).cast(pa.int64()), values.indices)
    return np.asarray(pc.fill_null(lengths, 0))


def _longest_value(values: pa.Array) -> int:
    return pc.max(pc.binary_length(values.dictionary)).as_py() or 0 if _is_text_dictionary(values.type) else 0


def _is_text_dictionary(kind: pa.DataType) -> bool:
    """What text columns are read as."""
    return bool(pt.is_dictionary(kind)) and _is_text(kind.value_type)


def _text(values: pa.Array, builder: BatchBuilder) -> pa.Array:
    if pt.is_dictionary(values.type):
        values = _decoded(values)
    if pt.is_boolean(values.type):
        return pc.if_else(values, "J", "N")
    if pt.is_floating(values.type) or pt.is_decimal(values.type):
        return _number_text(values)
    text = values.cast(pa.string())
    text.validate(full=True)
    if pc.any(pc.match_substring(text, "\0")).as_py():
        raise builder.unreadable("it holds NUL characters")
    return text


def _decoded(values: pa.DictionaryArray) -> pa.Array:
    """The values themselves; in pieces, since Arrow takes room for each as for the average of the dictionary."""
    average = values.dictionary.nbytes // max(1, len(values.dictionary)) + 1
    rows = max(1, DECODED_AT_ONCE_BYTES // average)
    pieces = [values.slice(start, rows).dictionary_decode() for start in range(0, len(values), rows)]
    return pieces[0] if len(pieces) == 1 else pa.concat_arrays(pieces or [values.dictionary_decode()])


def _number_text(values: pa.Array) -> pa.Array:
    """Whole numbers without a fraction, the rest as they are; none by a power of ten, as Arrow writes 0E-18 or 1e-7."""
    if pt.is_decimal(values.type):
        text = pc.replace_substring_regex(_plain(values.cast(pa.string())), r"(\.[0-9]*?)0+$", r"\1")
        return pc.replace_substring_regex(text, r"\.$", "")
    numbers = values.cast(pa.float64())
    is_whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**53))
    whole = pc.if_else(is_whole, numbers, None).cast(pa.int64()).cast(pa.string())
    return pc.if_else(is_whole, whole, _plain(values.cast(pa.string())))


def _plain(text: pa.Array) -> pa.Array:
    """Numbers as text, those with a power of ten written out."""
    has_power = pc.fill_null(pc.match_substring(text, "e", ignore_case=True), False)
    if not pc.any(has_power).as_py():
        return text
    written_out = [f"{Decimal(number):f}" for number in text.filter(has_power).to_pylist()]
    return pc.replace_with_mask(text, has_power, pa.array(written_out, pa.string()))
