"""A release's decision form as it comes back: the rows of one sheet in which something was decided."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from akrim.contracts.model import Extract, Format
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.batches import CELLS, BatchBuilder

LARGEST_UNPACKED_BYTES = 64 * 1024**2
MOST_ROWS, MOST_COLUMNS = 20_000, 60
FORM_SHEET = "beslutninger"


def read_workbook(path: Path, _: Format, builder: BatchBuilder) -> Iterator[pa.RecordBatch]:
    """One batch of the sheet that bears the extract's name; columns that the contract does not name are the reader's."""
    from openpyxl.utils import get_column_letter

    sheet = _sheet_values(path, builder.file_name, builder.extract.name)
    header = [str(value or "").strip() for value in sheet[0]] if sheet else []
    problem = builder.check_names([name for name in header if name in builder.names])
    if problem is not None:
        raise problem
    places = {column.path: header.index(column.path) for column in builder.extract.columns}
    decided = [places[path_] for path_ in _deciding(builder.extract)]
    rows = [(n, row) for n, row in enumerate(sheet[1:], start=2) if any(_text(row[p]) for p in decided)]
    arrays = {
        name: pa.array([_text(row[place]) for _, row in rows], pa.string()) for name, place in places.items()
    }
    letters = {name: get_column_letter(place + 1) for name, place in places.items()}
    cells = [
        json.dumps({name: f"{letter}{number}" for name, letter in letters.items()}) for number, _ in rows
    ]
    yield builder.from_arrays(arrays, len(rows), **{CELLS: pa.array(cells, pa.string())})


def notes_only(path: Path, file_name: str, extract: Extract) -> list[int]:
    """The numbers of the sheet's rows in which something was written, but nothing that decides: they are not read."""
    sheet = _sheet_values(path, file_name, extract.name)
    header = [str(value or "").strip() for value in sheet[0]] if sheet else []
    deciding = [header.index(name) for name in _deciding(extract) if name in header]
    written = [
        place
        for place, name in enumerate(header)
        if any(name == c.path and not c.is_prefilled for c in extract.columns)
    ]
    return [
        number
        for number, row in enumerate(sheet[1:], start=2)
        if any(_text(row[p]) for p in written) and not any(_text(row[p]) for p in deciding)
    ]


def _deciding(extract: Extract) -> list[str]:
    """The columns that a decision is made in: free text beside them decides nothing."""
    return [c.path for c in extract.columns if not c.is_prefilled and (c.codes or c.kind != "text")]


def read_form_origin(path: Path, file_name: str) -> tuple[str, str]:
    """The one release and the one centre that a decision form was made for."""
    sheet = _sheet_values(path, file_name, FORM_SHEET)
    header = [str(value or "").strip() for value in sheet[0]] if sheet else []
    origin = []
    for name in ("release_id", "senter"):
        place = header.index(name) if name in header else None
        values = {_text(row[place]) for row in sheet[1:]} - {""} if place is not None else set()
        if len(values) != 1:
            raise Refusal(
                "unreadable_file", f"{file_name} is no release's decision form: it needs one {name}."
            )
        origin.append(values.pop())
    return origin[0], origin[1]


def _sheet_values(path: Path, file_name: str, sheet_name: str) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED_BYTES:
                raise ValueError("it unpacks to more than any form")
        with path.open("rb") as file:
            book = load_workbook(file, read_only=True, data_only=True)
            sheet = book[{name.lower(): name for name in book.sheetnames}[sheet_name]]
            sheet.reset_dimensions()
            rows = list(sheet.iter_rows(values_only=True, max_row=MOST_ROWS, max_col=MOST_COLUMNS))
    except Exception:  # noqa: BLE001  # a spoilt workbook makes its readers raise anything at all
        raise Refusal("unreadable_file", f"{file_name} is no workbook with a sheet {sheet_name!r}.") from None
    width = max(map(len, rows), default=0)
    return [tuple(row) + (None,) * (width - len(row)) for row in rows]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, bool):
        return "J" if value else "N"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
