"""An answer in a file: CSV, Parquet or a workbook, by the file's ending."""

import io
import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akrim.atomic_files import write_whole
from akrim.characters import TEXT_AS_TEXT
from akrim.commands.output import write_csv
from akrim.commands.sql.asking import DAYS, NUMBERS, Answer
from akrim.commands.sql.showing import as_cell, as_text, unlike
from akrim.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

MAX_ROWS = 1_048_575  # of a workbook's sheet, below the heading
MAX_TEXT = 32_767  # of a workbook's cell
FIRST_YEAR = 1900  # of a workbook's calendar


def writer(path: Path) -> Callable[[Answer], int]:
    """What writes an answer to the file, for its owner alone, and returns the number of rows.

    Raises UserError where the ending is of no format, or the folder is not there.
    """
    formats = {".csv": _csv, ".parquet": _parquet, ".xlsx": _xlsx}
    content = formats.get(path.suffix.lower())
    if content is None:
        raise UserError(
            "That is a file of no known kind.", str(path), f"End it in one of {', '.join(formats)}."
        )
    if not path.absolute().parent.is_dir() or path.is_dir():
        raise UserError("No file can be written there.", str(path), "Name a file in a folder that is there.")

    def write(answer: Answer) -> int:
        write_whole(path.absolute(), content(answer))
        return len(answer.rows)

    return write


def _csv(answer: Answer) -> bytes:
    text = io.StringIO(newline="")
    write_csv(text, answer.names, ([as_cell(value) for value in row] for row in answer.rows))
    return text.getvalue().encode()


def _parquet(answer: Answer) -> bytes:
    """Numbers with decimals as floating point, JSON and arrays as JSON text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        name: pa.array([_value(row[place], kind) for row in answer.rows], _arrow(kind))
        for place, (name, kind) in enumerate(zip(unlike(answer.names), answer.types, strict=True))
    }
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, compression="zstd")
    return target.getvalue()


def _value(value: Any, kind: str) -> Any:
    if value is None or kind in DAYS or kind == "bool":
        return value
    return (float(value) if kind == "numeric" else value) if kind in NUMBERS else as_text(value)


def _arrow(kind: str) -> "pa.DataType":
    import pyarrow as pa

    if kind in NUMBERS:
        return pa.int64() if kind.startswith(("int", "oid")) else pa.float64()
    others = {
        "bool": pa.bool_(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us"),
        "timestamptz": pa.timestamp("us", "UTC"),
    }
    return others.get(kind, pa.string())


def _xlsx(answer: Answer) -> bytes:
    import xlsxwriter

    if len(answer.rows) > MAX_ROWS:
        raise UserError(f"A sheet holds {MAX_ROWS:,} rows.", "--output", "Write .parquet or .csv.")
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "remove_timezone": True, **TEXT_AS_TEXT}
    ) as workbook:
        formats = {
            "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
            "timestamp": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        formats["timestamptz"] = formats["timestamp"]
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, answer.names, workbook.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(answer.rows, start=1):
            for place, (value, kind) in enumerate(zip(row, answer.types, strict=True)):
                sheet.write(line, place, _cell(value, kind), formats.get(kind))
    return target.getvalue()


def _cell(value: Any, kind: str) -> Any:
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC)
    if value is None or (kind in DAYS | NUMBERS | {"bool"} and _is_held(value)):
        return value
    text = as_text(value)
    if len(text) > MAX_TEXT:
        raise UserError(f"A cell holds {MAX_TEXT:,} characters.", "--output", "Write .parquet or .csv.")
    return text


def _is_held(value: Any) -> bool:
    """Whether a cell holds it as it is: a workbook's numbers are floating point without infinity, and its days begin in 1900."""
    if isinstance(value, date):
        return value.year >= FIRST_YEAR
    if not math.isfinite(float(value)):
        return False
    return isinstance(value, float) or value % 1 != 0 or int(float(value)) == value
