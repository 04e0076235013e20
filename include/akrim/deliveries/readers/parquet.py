"""Parquet: text as text, numbers and dates from Parquet's own types, each only where its type can hold what is agreed."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from akrim.contracts.model import REMOVED_COLUMN, Column, Format
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.batches import BatchBuilder

ROWS_A_BATCH = 20_000
LARGEST_BATCH_BYTES = 256 * 1024**2


def read_parquet(path: Path, _: Format, builder: BatchBuilder) -> Iterator[pa.RecordBatch]:
    """Batches of a Parquet file; text columns are read as dictionaries, so repeated text costs no memory."""
    try:
        schema = pq.read_schema(path)
        names = [field.name for field in schema]
        texts = [field.name for field in schema if _is_text(field.type)]
        file = pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False, memory_map=True)
        problem = builder.check_names(names) or _check_types(file.schema_arrow, builder)
        _check_size(file, builder)
        for batch in file.iter_batches(batch_size=ROWS_A_BATCH):
            if problem is None:
                yield from _parts(batch, builder)
    except (pa.ArrowException, OSError):
        raise builder.unreadable("it is no sound Parquet file") from None
    if problem is not None:
        raise problem


def _check_size(file: pq.ParquetFile, builder: BatchBuilder) -> None:
    groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
    if sum(group.total_byte_size for group in groups) > builder.extract.largest_file_bytes:
        raise builder.unreadable("it unpacks to more than the contract allows")


def _check_types(schema: pa.Schema, builder: BatchBuilder) -> Refusal | None:
    columns = {column.path: column for column in builder.extract.columns}
    for field in schema:
        column = columns.get(field.name, Column(path=REMOVED_COLUMN, kind="text"))
        if not _can_hold(field.type, column):
            return Refusal(
                "columns",
                f"{builder.file_name}: {field.name} has type {field.type}, which cannot hold {column.kind}.",
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
    """The batch as text, in parts small enough to be held at once."""
    largest = max((_longest_value(column) for column in batch.columns), default=0)
    if largest > builder.extract.longest_value_bytes:
        raise builder.unreadable("a value is longer than the contract allows")
    rows = max(1, min(batch.num_rows, LARGEST_BATCH_BYTES // max(1, largest * batch.num_columns)))
    for start in range(0, batch.num_rows, rows):
        part = batch.slice(start, rows)
        arrays = {
            name: _text(column, builder) for name, column in zip(part.schema.names, part.columns, strict=True)
        }
        yield builder.from_arrays(arrays, part.num_rows)


def _longest_value(values: pa.Array) -> int:
    held = values.dictionary if pt.is_dictionary(values.type) else values
    if not _is_text(held.type):
        return 0
    return pc.max(pc.binary_length(held)).as_py() or 0


def _text(values: pa.Array, builder: BatchBuilder) -> pa.Array:
    if pt.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pt.is_boolean(values.type):
        return pc.if_else(values, "J", "N")
    if pt.is_floating(values.type) or pt.is_decimal(values.type):
        return _number_text(values)
    text = values.cast(pa.string())
    text.validate(full=True)
    if pc.any(pc.match_substring(text, "\0")).as_py():
        raise builder.unreadable("it holds NUL characters")
    return text


def _number_text(values: pa.Array) -> pa.Array:
    """Whole numbers without a fraction, the rest as they are."""
    if pt.is_decimal(values.type):
        text = pc.replace_substring_regex(values.cast(pa.string()), r"(\.[0-9]*?)0+$", r"\1")
        return pc.replace_substring_regex(text, r"\.$", "")
    numbers = values.cast(pa.float64())
    is_whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**53))
    whole = pc.if_else(is_whole, numbers, None).cast(pa.int64()).cast(pa.string())
    return pc.if_else(is_whole, whole, values.cast(pa.string()))
