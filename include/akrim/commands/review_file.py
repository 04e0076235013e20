"""The review file: pairs of records as a sheet that a clerk fills in and returns, .xlsx or .csv.

Only the last columns are the clerk's; the keys in the first say which pair each row is, so that rows may be sorted, left
blank or taken out. Every text is written as text: nothing that a record says can become a formula.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from akrim.commands.plain_csv import write_csv
from akrim.errors import UserError
from akrim.linkage import Decision, RecordKey
from akrim.linkage.review import Reading, Verdict

KEYS = ("sample", "reading", "one", "other")
CLERKS = ("verdict", "reason", "author")
VERDICTS = get_args(Verdict)
WIDTHS = {"says_one": 60, "says_other": 60, "why": 30, "reason": 40, "one": 26, "other": 26}


def write_review_file(path: Path, pairs: list[dict[str, Any]], marks: dict[str, Any]) -> None:
    """Write pairs with empty columns for verdict, reason and author; `marks` are a sample, a reading, an author."""
    shows_cause = bool(pairs) and "cause" in pairs[0]
    columns = [*KEYS, "says_one", "says_other", *(["weight", "why"] if shows_cause else []), *CLERKS]
    rows = [[_cell(pair, marks, column) for column in columns] for pair in pairs]
    if path.suffix == ".xlsx":
        _write_workbook(path, columns, rows)
    elif path.suffix == ".csv":
        _write_csv(path, columns, rows)
    else:
        raise UserError("A review file is .xlsx or .csv.", str(path), "Give it one of these endings.")


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
        "why": pair.get("cause"),
    }.get(column)
    return "" if found is None else str(found)


def _write_workbook(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    import xlsxwriter

    never = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, never) as workbook:
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
    """The verdicts of a returned file; rows without one are left alone.

    Args:
        path: the file.
        author: who decided, where a row does not say.

    Raises UserError naming the first row that cannot be used; nothing is recorded then.
    """
    return [
        _decision(row, f"{path.name}, row {number}", author)
        for number, row in enumerate(_rows(path), start=2)
        if row.get("verdict")
    ]


def _decision(row: dict[str, str], where: str, author: str) -> Decision:
    verdict = row["verdict"].lower()
    if verdict not in VERDICTS:
        raise UserError(f"{row['verdict']!r} is no verdict.", where, f"Write one of {', '.join(VERDICTS)}.")
    reading = row.get("reading") or "first"
    if reading not in get_args(Reading):
        raise UserError(f"{reading!r} is no reading.", where, "Leave that column as it was.")
    sample = row.get("sample") or ""
    if sample and not sample.isdigit():
        raise UserError(f"{sample!r} is no sample.", where, "Leave that column as it was.")
    author = row.get("author") or author
    for name, value in (("reason", row.get("reason")), ("author", author)):
        if not value:
            raise UserError(
                f"The verdict has no {name}.", where, "Fill it in; --author NAME stands for all rows."
            )
    one, other = (RecordKey.parse(row.get(side, "")) for side in ("one", "other"))
    return Decision(one, other, verdict, row["reason"], author, reading, int(sample) if sample else None)  # type: ignore[arg-type]  # both were checked against their types


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise UserError("There is no such file.", str(path), "Give the file that was filled in.")
    try:
        table = _read_workbook(path) if path.suffix == ".xlsx" else _read_csv(path)
    except (OSError, ValueError, KeyError, csv.Error):
        raise UserError("This file cannot be read.", str(path), "Return it as .xlsx or .csv.") from None
    header = table[0] if table else []
    missing = [name for name in (*KEYS[2:], "verdict", "reason") if name not in header]
    if missing:
        raise UserError(
            f"Columns are missing: {', '.join(missing)}.", str(path), "Return the file as it was made."
        )
    return (dict(zip(header, row, strict=False)) for row in table[1:])


def _read_workbook(path: Path) -> list[list[str]]:
    import zipfile

    from openpyxl import load_workbook

    try:
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
    except zipfile.BadZipFile:
        raise ValueError from None
    return [
        ["" if cell is None else str(cell).strip() for cell in row]
        for row in sheet.iter_rows(values_only=True)
    ]


def _read_csv(path: Path) -> list[list[str]]:
    text = path.read_text(encoding="utf-8-sig")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    return [
        [cell.strip() for cell in row]
        for row in csv.reader(text.splitlines(), delimiter=delimiter)
        if any(row)
    ]
