"""The release's data as one .xlsx: a sheet per table, and one that explains them.

Types are kept, texts are written as text without hidden characters, and the same rows give the same bytes. A sheet has a
maximum of rows; the Parquet files have all.
"""

from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import xlsxwriter
from xlsxwriter.format import Format as CellFormat
from xlsxwriter.worksheet import Worksheet

from akrim.characters import TEXT_AS_TEXT, visible
from akrim.formats.dictionary import Vocabulary
from akrim.formats.registry import Format, Snapshot
from akrim.report import Words
from akrim.sharing import Tables

MAX_ROWS = 20_000
MAX_TEXT = 30_000  # a cell of Excel's holds 32,767 characters
MAX_SHEET_NAME = 31
MIN_WIDTH, MAX_WIDTH = 9, 44


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write data.xlsx."""
    tables, head, as_of = snapshot.tables, snapshot.head, snapshot.pins.as_of
    vocabulary, words = snapshot.vocabulary, snapshot.words
    workbook = new_workbook(folder / "data.xlsx", head["release_id"], head, as_of)
    formats = {
        "head": workbook.add_format({"bold": True, "bg_color": "#16385A", "font_color": "#FFFFFF"}),
        "title": workbook.add_format({"bold": True, "font_size": 16, "font_color": "#16385A"}),
        "bold": workbook.add_format({"bold": True}),
        "wrap": workbook.add_format({"text_wrap": True, "valign": "top"}),
        "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
    }
    _readme(workbook.add_worksheet(words("workbook_readme")), tables, head, formats, vocabulary, words)
    for name, table in tables.items():
        _sheet(workbook.add_worksheet(name[:MAX_SHEET_NAME]), table, formats)
    workbook.close()


FORMAT = Format("workbook", write)


def new_workbook(
    target: Path | BytesIO, title: str, head: dict[str, str], as_of: date
) -> xlsxwriter.Workbook:
    """An empty workbook, of which the same content gives the same bytes."""
    workbook = xlsxwriter.Workbook(target, {"in_memory": True, **TEXT_AS_TEXT})
    created = datetime.combine(as_of, time())
    workbook.set_properties({"title": title, "company": head["centre"], "created": created})
    return workbook


def _readme(
    sheet: Worksheet,
    tables: Tables,
    head: dict[str, str],
    formats: dict[str, CellFormat],
    vocabulary: Vocabulary,
    words: Words,
) -> None:
    for place, width in enumerate((28, 28, 34, 90)):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, f"{head['centre']} · {head['release_id']}", formats["title"])
    for place, text in enumerate((head["handling"], head["synthetic"], words("workbook_note")), start=1):
        sheet.write_string(place, 0, text)
    row = 5
    for place, key in enumerate(("table", "column", "meaning", "description")):
        sheet.write_string(row, place, words(f"workbook_{key}"), formats["head"])
    for name, table in tables.items():
        row += 1
        row_counts = words(
            "workbook_rows",
            shown=words.number(min(table.num_rows, MAX_ROWS)),
            total=words.number(table.num_rows),
        )
        sheet.write_string(row, 0, name, formats["bold"])
        sheet.write_string(row, 2, row_counts, formats["wrap"])
        sheet.write_string(row, 3, vocabulary.table(name), formats["wrap"])
        for column in table.column_names:
            row += 1
            sheet.write_string(row, 1, column)
            sheet.write_string(row, 2, vocabulary.title(column, words.language), formats["wrap"])
            sheet.write_string(row, 3, vocabulary.column(name, column), formats["wrap"])
    sheet.freeze_panes(6, 0)


def _sheet(sheet: Worksheet, table: pa.Table, formats: dict[str, CellFormat]) -> None:
    shown = table.slice(0, MAX_ROWS)
    for place, name in enumerate(table.column_names):
        cells = shown[name].to_pylist()
        longest = max((len(str(cell)) for cell in cells[:200] if cell is not None), default=0)
        width = min(max(len(name) + 3, longest + 1, MIN_WIDTH), MAX_WIDTH)
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, formats["head"])
        write = getattr(sheet, _write_method(table.schema.field(name).type))
        cell_format = formats["date"] if pa.types.is_date(table.schema.field(name).type) else None
        for row, cell in enumerate(cells, start=1):
            if cell is not None:
                write(row, place, _whole(cell) if isinstance(cell, str) else cell, cell_format)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(shown.num_rows, 1), max(table.num_columns - 1, 0))


def _whole(text: str) -> str:
    """As in the other files, however long its words are, up to what a cell holds."""
    return visible(text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\u2026")


def _write_method(kind: pa.DataType) -> str:
    """The writing method for a column; explicit, so that no text is taken for anything else."""
    if pa.types.is_boolean(kind):
        return "write_boolean"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "write_number"
    return "write_datetime" if pa.types.is_temporal(kind) else "write_string"
