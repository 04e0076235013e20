"""Delimited text that needs no more than to be cut at each delimiter: parsed by Arrow, a block at once."""

from collections.abc import Sequence

import pyarrow as pa
from pyarrow import csv

from akrim.contracts import Format
from akrim.deliveries.readers.batches import BatchBuilder

BYTE_ORDER_MARK = "\ufeff"  # Arrow takes one off whatever it is given; within a file it is part of a value


def parse_plain(
    block: str, header: Sequence[str], form: Format, builder: BatchBuilder
) -> pa.RecordBatch | None:
    """The records of a block of whole lines, as the record by record reader gives them; None where it may need that one.

    A block that is no longer than the longest value holds neither a value nor a record that is too long.
    """
    if builder.is_guarded or len(block) > builder.extract.longest_value_bytes:
        return None
    if (
        block.startswith(BYTE_ORDER_MARK)
        or '"' in block
        or "\0" in block
        or block.count("\r") != block.count("\r\n")
    ):
        return None
    malformed: dict[int, list[str]] = {}

    def set_apart(row: csv.InvalidRow) -> str:
        malformed[row.number - 1] = row.text.split(form.delimiter)
        return "skip"

    content = pa.py_buffer(block.encode())
    table = csv.read_csv(
        pa.BufferReader(content),
        csv.ReadOptions(use_threads=False, block_size=content.size + 1, column_names=list(header)),
        csv.ParseOptions(delimiter=form.delimiter, quote_char=False, invalid_row_handler=set_apart),
        csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), null_values=[""], strings_can_be_null=True
        ),
    )
    return builder.from_fitting(dict(zip(header, table.columns, strict=True)), table.num_rows, malformed)
