"""A delivered file in, Arrow batches of its records out, in memory that does not grow with the file.

Every value comes out as text, every record with its number, whatever was wrong with it: the rows are judged
later, in SQL. Only what makes the file as a whole unusable is refused here (`unreadable_file`, `columns`).
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from akrim.contracts import Extract
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.allowance import Allowance
from akrim.deliveries.readers.apart import Reader, read_apart
from akrim.deliveries.readers.batches import BatchBuilder
from akrim.deliveries.readers.counted import CountedBatches
from akrim.deliveries.readers.delimited import read_delimited
from akrim.deliveries.readers.json_lines import read_json_lines
from akrim.deliveries.readers.parquet import read_parquet
from akrim.deliveries.readers.spreadsheet import MAX_CELLS, MAX_ROWS, SheetRow, read_sheet
from akrim.deliveries.readers.workbook import read_workbook
from akrim.deliveries.readers.workbook_package import UnreadableWorkbook

READERS: dict[str, Reader] = {
    "csv": read_delimited,
    "jsonl.gz": read_json_lines,
    "parquet": read_apart(read_parquet),
    "xlsx": read_workbook,
}

__all__ = [
    "MAX_CELLS",
    "MAX_ROWS",
    "CountedBatches",
    "SheetRow",
    "UnreadableWorkbook",
    "read_records",
    "read_sheet",
]


def read_records(path: Path, file_name: str, extract: Extract, is_delta: bool) -> Iterator[pa.RecordBatch]:
    """The file's records as batches of BatchBuilder's schema.

    Raises Refusal: `unreadable_file` where reading stops, `columns` once the rest was found readable.
    """
    first, *others = extract.formats
    chosen = next((form for form in others if file_name.endswith(form.name)), first)
    size = path.stat().st_size
    if size > extract.largest_file_bytes:
        raise Refusal("unreadable_file", f"{file_name} is larger than the contract allows.")
    builder = BatchBuilder(extract, is_delta, file_name, Allowance(extract, file_name, size))
    try:
        yield from READERS[chosen.name](path, chosen, builder)
    except UnicodeError:
        raise Refusal("unreadable_file", f"{file_name} is not {chosen.encoding} text throughout.") from None
