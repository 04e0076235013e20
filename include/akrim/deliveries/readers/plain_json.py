"""JSON lines whose every object is as agreed: parsed by Arrow, a block at once.

Arrow's parser is strict where types are told: whatever is not as agreed ends in an error, and then the reader that takes object
by object says what it is. What Arrow lets pass and that reader does not is looked for here.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json

from akrim.deliveries.readers.batches import BatchBuilder, Fields

MAX_VALUES = 100_000  # in one record, those of fields that were not agreed too
MAX_DIGITS = 400  # of a number; the time to read one grows with the square of its length

TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "date": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "text_list": pa.list_(pa.string()),
}
# NUL, and halves of signs.
DOUBTFUL = (b"\0", rb"\u0000", rb"\ud", rb"\uD")
# What Arrow takes for numbers, and JSON does not have: only a field that was not agreed can hold them unnoticed.
CONSTANT = re.compile(rb"[:\[,]\s*-?(?:NaN|Inf)")
DIGITS_AS_ZERO = bytes.maketrans(b"123456789", b"000000000")


def plain_schema(builder: BatchBuilder) -> pa.Schema | None:
    """What the agreed fields are to Arrow; None where a number may have a fraction, which it writes in its own way."""
    if any(column.kind not in TYPES for column in builder.agreed.values()):
        return None
    return pa.schema(list(_struct(builder.agreed_fields())))


def _struct(fields: Fields) -> pa.StructType:
    return pa.struct(
        [(name, _struct(of) if isinstance(of, dict) else TYPES[of.kind]) for name, of in fields.items()]
    )


def parse_plain(block: bytes, schema: pa.Schema, builder: BatchBuilder) -> pa.RecordBatch | None:
    """The objects of a block of whole lines, as the reader that takes one by one gives them; None where it may need that one.

    A block that is no longer than the longest value holds no value and no line that is too long.
    """
    lines = [line for line in map(bytes.strip, block.split(b"\n")) if line]
    if len(block) > builder.extract.longest_value_bytes or not _is_plain(block, lines, builder):
        return None
    unexpected = "infer" if builder.extract.is_open else "error"  # inferred, so that it is parsed as strictly
    try:
        table = json.read_json(
            pa.BufferReader(block),
            json.ReadOptions(use_threads=False, block_size=len(block) + 1),
            json.ParseOptions(explicit_schema=schema, unexpected_field_behavior=unexpected),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # not as agreed, or types that differ by line
        return None
    if table.num_rows != len(lines):
        return None
    arrays = {path: _values(table, path) for path in builder.agreed}
    if any(_has_gaps(values) for values in arrays.values()):
        return None
    return builder.from_arrays({path: _text(values) for path, values in arrays.items()}, table.num_rows)


def _is_plain(block: bytes, lines: list[bytes], builder: BatchBuilder) -> bool:
    """Whether each line may be one object of few values and levels, in UTF-8, without what Arrow lets pass."""
    if any(signs in block for signs in DOUBTFUL):
        return False
    if (b"NaN" in block or b"Inf" in block) and CONSTANT.search(block):
        return False
    if b"0" * MAX_DIGITS in block.translate(DIGITS_AS_ZERO):
        return False
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(
        line.startswith(b"{")
        and line.endswith(b"}")
        and line.count(b"{") + line.count(b"[") <= builder.extract.deepest_nesting
        and line.count(b",") <= MAX_VALUES
        for line in lines
    )


def _values(table: pa.Table, path: str) -> pa.Array:
    first, *rest = path.split(".")
    values = table.column(first).combine_chunks()
    return pc.struct_field(values, rest) if rest else values


def _has_gaps(values: pa.Array) -> bool:
    """Whether a list holds what is no text, or none: the other reader leaves that out."""
    if not pa.types.is_list(values.type):
        return False
    items = values.flatten()
    return bool(items.null_count or pc.any(pc.equal(items, "")).as_py())


def _text(values: pa.Array) -> pa.Array:
    if pa.types.is_list(values.type):
        return pc.binary_join(values, ", ")
    return values.cast(pa.string())
