"""The review file: pairs of records as a spreadsheet that a clerk fills in and returns, .xlsx or .csv.

Only the last columns are the clerk's; the first have each row's keys, so that rows may be sorted, left blank or removed.
Every cell is written as text, so that nothing in a record can become a formula.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from akrim.characters import TEXT_AS_TEXT
from akrim.commands.output import write_csv
from akrim.deliveries.readers import MAX_CELLS, MAX_ROWS, SheetRow, UnreadableWorkbook, read_sheet
from akrim.errors import UserError
from akrim.linkage.review import Decision, Reading, RecordKey, Verdict

KEYS = ("sample", "reading", "one", "other")
CLERK_COLUMNS = ("verdict", "reason", "author")
MAX_CSV_BYTES = 16 * 1024**2
MAX_CELL_CHARACTERS = 131_072
SHOWN = 60  # characters of a cell that is wrong
SAMPLE = "[0-9]{1,18}"  # as PostgreSQL keeps a number
VERDICTS = get_args(Verdict)
WIDTHS = {"says_one": 60, "says_other": 60, "cause": 30, "reason": 40, "one": 26, "other": 26}


def write_review_file(path: Path, pairs: list[dict[str, Any]], marks: dict[str, Any]) -> None:
    """Write pairs with empty columns for verdict, reason and author; `marks` are a sample, a reading, an author."""
    shows_cause = bool(pairs) and "cause" in pairs[0]
    columns = [*KEYS, "says_one", "says_other", *(["weight", "cause"] if shows_cause else []), *CLERK_COLUMNS]
    rows = [[_cell(pair, marks, column) for column in columns] for pair in pairs]
    (_write_workbook if path.suffix.lower() == ".xlsx" else _write_csv)(path, columns, rows)


def _cell(pair: dict[str, Any], marks: dict[str, Any], column: str) -> str:
    found = {
        "sample": marks.get("sample", ""),
        "reading": marks.get("reading", "first"),
        "author": marks.get("author", ""),
        "one": f"{pair['source_l']}/{pair['source_record_id_l']}",
        "other": f"{pair['source_r']}/{pair['source_record_id_r']}",
        "says_one": pair["says_l"],
        "says_other": pair["says_r"],
        "weight": pair.get("match_weight"),
        "cause": pair.get("cause"),
    }.get(column)
    return "" if found is None else str(found)


def _write_workbook(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, TEXT_AS_TEXT) as workbook:
        sheet = workbook.add_worksheet("review")
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        sheet.write_row(0, 0, columns, workbook.add_format({"bold": True, "bottom": 1}))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row, wrapped)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, WIDTHS.get(column, 12))
        place = columns.index("verdict")
        sheet.data_validation(
            1, place, max(len(rows), 1), place, {"validate": "list", "source": list(VERDICTS)}
        )
        sheet.freeze_panes(1, 0)


def _write_csv(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        write_csv(handle, columns, rows, delimiter=";")


def read_review_file(path: Path, author: str = "") -> list[Decision]:
    """The verdicts of a returned file; rows without one are skipped.

    Args:
        path: the file.
        author: who decided, if a row does not say.

    Raises UserError if the file is unreadable or too large, or with the first row that is invalid.
    """
    return [
        _decision(row, f"{path.name}, row {number}", author)
        for number, row in _rows(path)
        if row.get("verdict")
    ]


def _decision(row: dict[str, str], where: str, author: str) -> Decision:
    verdict = row["verdict"].lower()
    if verdict not in VERDICTS:
        raise UserError(
            f"{row['verdict'][:SHOWN]!r} is no verdict.", where, f"Write one of {', '.join(VERDICTS)}."
        )
    reading = row.get("reading") or "first"
    if reading not in get_args(Reading):
        raise UserError(f"{reading[:SHOWN]!r} is no reading.", where, "Leave that column as it was.")
    sample = row.get("sample") or ""
    if sample and not re.fullmatch(SAMPLE, sample):
        raise UserError(f"{sample[:SHOWN]!r} is no sample.", where, "Leave that column as it was.")
    author = row.get("author") or author
    for name, value in (("reason", row.get("reason")), ("author", author)):
        if not value:
            raise UserError(
                f"The verdict has no {name}.", where, "Fill it in; --author NAME stands for all rows."
            )
    one, other = (RecordKey.parse(row.get(side, "")) for side in ("one", "other"))
    return Decision(one, other, verdict, row["reason"], author, reading, int(sample) if sample else None)  # type: ignore[arg-type]  # verdict and reading were held to their types' words above


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the header with their numbers in the sheet."""
    if not path.is_file():
        raise UserError("There is no such file.", str(path), "Give the file that was filled in.")
    try:
        table = read_sheet(path) if path.suffix.lower() == ".xlsx" else _read_csv(path)
    except UnreadableWorkbook as error:
        raise _unreadable(path, error.why) from None
    except (OSError, ValueError, csv.Error):
        raise _unreadable(path, "it is no sound CSV file in UTF-8") from None
    header = table[0].cells if table else {}
    missing = [name for name in (*KEYS[2:], "verdict", "reason") if name not in header.values()]
    if missing:
        raise UserError(
            f"Columns are missing: {', '.join(missing)}.", str(path), "Return the file as it was made."
        )
    # Of a heading with thousands of columns none but these is asked for, row by row.
    known = {place: name for place, name in header.items() if name in (*KEYS, *CLERK_COLUMNS)}
    return (
        (row.number, {name: row.cells.get(place, "") for place, name in known.items()}) for row in table[1:]
    )


def _read_csv(path: Path) -> list[SheetRow]:
    """The rows that are not empty, within the limits of a spreadsheet."""
    if path.stat().st_size > MAX_CSV_BYTES:
        raise _unreadable(path, "it is larger than any file that is filled in here")
    # A setting of the whole interpreter, which any reader of CSV may change.
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    table: list[SheetRow] = []
    cells = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = ";" if ";" in file.readline() else ","
        file.seek(0)
        for number, row in enumerate(csv.reader(file, delimiter=delimiter), start=1):
            cells += len(row)
            if cells > MAX_CELLS or len(table) > MAX_ROWS:
                raise _unreadable(path, "it has more cells than any file that is filled in here")
            filled = {place: cell.strip() for place, cell in enumerate(row, start=1) if cell.strip()}
            if any("\0" in cell for cell in filled.values()):
                raise _unreadable(path, "it holds NUL characters")
            if filled:
                table.append(SheetRow(number, filled))
    return table


def _unreadable(path: Path, why: str) -> UserError:
    return UserError(
        f"This file cannot be read: {why}.", str(path), "Return it as .xlsx or .csv, as it was made."
    )
