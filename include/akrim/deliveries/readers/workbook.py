"""A release's decision form as it comes back: the rows of one sheet in which something was decided."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from akrim.contracts import DECISIONS, INFORMED, Column, Extract, Format
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.batches import CELLS, BatchBuilder
from akrim.deliveries.readers.form_words import code_of, named
from akrim.deliveries.readers.spreadsheet import SheetRow, column_letters, has_sheet, read_sheet
from akrim.deliveries.readers.workbook_package import UnreadableWorkbook

ORIGIN = ("release_id", "senter")
# A day as people in Norway type it; where a cell was no date but text, it comes so.
TYPED_DAY = re.compile(r"\s*([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})\s*")


def read_workbook(path: Path, _: Format, builder: BatchBuilder) -> Iterator[pa.RecordBatch]:
    """One batch of the sheet that bears the extract's name; columns that the contract does not name are the reader's.

    Words that stand for a code are read as the code.
    """
    header, rows = _sheet(path, builder.file_name, builder.extract.name)
    problem = builder.check_names([name for name in header.values() if name in builder.agreed])
    if problem is not None:
        raise problem
    places = {name: place for place, name in header.items() if name in builder.agreed}
    decided = [places[path_] for path_ in _deciding(builder.extract)]
    rows = [row for row in rows if any(place in row.cells for place in decided)]
    arrays = {
        name: pa.array([_meant(builder.agreed[name], row.cells.get(place, "")) for row in rows], pa.string())
        for name, place in places.items()
    }
    letters = {name: column_letters(place) for name, place in places.items()}
    cells = [json.dumps({name: f"{letter}{row.number}" for name, letter in letters.items()}) for row in rows]
    yield builder.from_arrays(arrays, len(rows), **{CELLS: pa.array(cells, pa.string())})


def _meant(column: Column, cell: str) -> str:
    """The cell as the contract wants it, as far as that can be told; else as it is, for the contract to judge."""
    if column.kind == "date":
        return _day(cell)
    return code_of(column, cell) if column.codes else cell


def _day(cell: str) -> str:
    """A typed day.month.year as YYYY-MM-DD; whatever else as it is, for the contract to judge."""
    typed = TYPED_DAY.fullmatch(cell)
    return f"{typed[3]}-{int(typed[2]):02}-{int(typed[1]):02}" if typed else cell


def rows_without_decision(path: Path, file_name: str, extract: Extract) -> list[int]:
    """The numbers of the sheet's rows in which something was written, but nothing that decides: they are not read."""
    header, rows = _sheet(path, file_name, extract.name)
    open_names = {column.path for column in extract.columns if not column.is_prefilled}
    written = {place for place, name in header.items() if name in open_names}
    deciding = {place for place, name in header.items() if name in _deciding(extract)}
    return [row.number for row in rows if row.cells.keys() & written and not row.cells.keys() & deciding]


def _deciding(extract: Extract) -> list[str]:
    """The columns that a decision is made in: free text beside them decides nothing."""
    return [c.path for c in extract.columns if not c.is_prefilled and (c.codes or c.kind != "text")]


def read_form_origin(path: Path, file_name: str) -> tuple[str, str]:
    """The one release and the one centre that a decision form was made for."""
    header, rows = _sheet(path, file_name, DECISIONS)
    if not rows and has_sheet(path, INFORMED):  # a centre may have nobody to decide on
        header, rows = _sheet(path, file_name, INFORMED)
    origin = []
    for name in ORIGIN:
        places = [place for place, found in header.items() if found == name]
        values = {row.cells[place] for place in places[:1] for row in rows if place in row.cells}
        if len(values) != 1:
            raise Refusal(
                "unreadable_file", f"{file_name} is no release's decision form: it needs one {name}."
            )
        origin.append(values.pop())
    return origin[0], origin[1]


@dataclass(frozen=True)
class FormRow:
    """A row that names whom it is about: where, and what stands in its locked cells, perhaps nothing.

    `origin` are the release and the centre that it names. `cell` is the sheet and the cell of whom, such as beslutninger!J5.
    `shown` are the texts that it shows of them; none where the form came back without these columns.
    """

    cell: str
    origin: tuple[str, ...]
    row_id: str
    about: tuple[str, ...]
    seal: str
    shown: tuple[str, ...]


def read_form_rows(
    path: Path,
    file_name: str,
    extract: Extract,
    about: tuple[str, ...],
    seal_column: str,
    shown: tuple[str, ...],
) -> list[FormRow]:
    """The rows of a decision form's sheet that bear an id or name whom they are about; a column that comes twice counts as not there.

    Args:
        about: the columns that say whom a row is about, the first by an id.
        shown: the columns that show who that is.
    """
    header, rows = _sheet(path, file_name, extract.name)
    times = Counter(header.values())
    places = {name: place for place, name in header.items() if times[name] == 1}
    own, subject, seal = (places.get(name, -1) for name in (extract.key.path, about[0], seal_column))
    letters = column_letters(subject) if subject > 0 else ""
    shows_list = not times.keys().isdisjoint(shown)

    def texts(row: SheetRow, columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(row.cells.get(places.get(name, -1), "") for name in columns)

    return [
        FormRow(
            f"{extract.name}!{letters}{row.number}",
            texts(row, ORIGIN),
            row.cells.get(own, ""),
            texts(row, about),
            row.cells.get(seal, ""),
            texts(row, shown) if shows_list else (),
        )
        for row in rows
        if own in row.cells or subject in row.cells
    ]


def _sheet(path: Path, file_name: str, sheet_name: str) -> tuple[dict[int, str], list[SheetRow]]:
    """The columns that the sheet's first row names, in words or by their own names, and the rows below it."""
    try:
        rows = read_sheet(path, sheet_name)
    except UnreadableWorkbook as error:
        raise Refusal("unreadable_file", f"{file_name} cannot be read: {error.why}.") from None
    return (named(rows[0].cells) if rows else {}), rows[1:]
