"""The decision form: an .xlsx that a management team fills in and sends back.

A sheet for persons and one for networks and enterprises, one row per entry of the list, and after it one for each that an
agency has nominated and that waits for an answer, and for each that is linked to a key threat actor; and one that asks how many were informed, in numbers alone.
The first columns are for the reader and ignored when the form comes back; the columns of the centres' contract follow, with
known values filled in and locked, the others with the contract's code lists to choose from. Every text is written as text, so
that nothing in a name becomes a formula or a link. The last column, hidden and locked, seals each row to release, centre and
whom it is about (akrim.deliveries.decisions.seal).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format as CellFormat
from xlsxwriter.worksheet import Worksheet

from akrim.contracts import DECISIONS, GROUP_DECISIONS, INFORMED, Column, decision_extracts
from akrim.deliveries.decisions import SEAL_COLUMN, seal_of
from akrim.formats.form_sheets import COMMENT, AskedSheet, audiences
from akrim.formats.registry import Format, Snapshot
from akrim.report import Words, linked_enterprises, linked_persons, nominated_enterprises, nominated_persons

WIDTHS = {
    "navn": 30,
    "gruppe": 40,
    "medlemmer": 40,
    "foretak": 24,
    "hvem": 92,
    "beslutning_id": 30,
    "rapport_id": 44,
    "maalgruppe": 26,
    "person_id": 24,
    "tiltak": 40,
    "status": 24,
    "gjeldende_status": 24,
    "foreslatt_status": 24,
    "kommentar": 40,
    "begrunnelse": 22,
    "rangering": 10,
    "poeng": 8,
}
DEFAULT_WIDTH = 17
OPEN = {"date": "date", "integer": "count"}
MAX_HINT = 255  # a spreadsheet's own limit
CODE_LISTS = {
    "status": "status", "prioritering": "priority", "begrunnelse": "reason", "ansvarlig_etat": "agency",
    "kapasitet_endring": "change", "intensjon_endring": "change",
}  # fmt: skip


def build_form(
    head: dict[str, str],
    centre_id: str,
    entries: Mapping[str, Sequence[dict[str, Any]]],
    as_of: date,
    words: Words,
    key: bytes,
) -> bytes:
    """The form for a centre's lists and its nominated persons.

    Args:
        entries: by sheet, the ranked list, the lists of networks and enterprises, and who may have been informed.
        key: seals the release's forms.
    """
    content = BytesIO()
    workbook = xlsxwriter.Workbook(
        content,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    created = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC).replace(tzinfo=None)
    workbook.set_properties(
        {
            "title": f"{words('form_title')} {head['release_id']}",
            "company": head["centre"],
            "created": created,
        }
    )
    workbook.set_custom_property("release_id", head["release_id"], "text")
    workbook.set_custom_property("senter", centre_id, "text")
    formats = _formats(workbook)
    origin = {"release_id": head["release_id"], "senter": centre_id}
    for extract in decision_extracts():
        asked = AskedSheet(extract, entries[extract.name], origin)
        sheet = workbook.add_worksheet(extract.name)
        _decisions(sheet, asked, formats)
        _seals(sheet, asked, formats, key)
        _validations(sheet, asked, words)
    _guide(workbook.add_worksheet(words("form_sheet_guide")), head, formats, words)
    workbook.close()
    return content.getvalue()


def _formats(workbook: xlsxwriter.Workbook) -> dict[str, CellFormat]:
    base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
    locked = base | {"bg_color": "#F2F5F8", "font_color": "#55616F", "quote_prefix": True}
    edges = {"border": 1, "border_color": "#D3DAE1"}
    return {
        "head": workbook.add_format(
            base | {"bold": True, "bg_color": "#16385A", "font_color": "#FFFFFF", "text_wrap": True}
        ),
        "locked": workbook.add_format(locked | edges),
        "number": workbook.add_format(locked | edges | {"quote_prefix": False}),
        "open": workbook.add_format(base | edges | {"locked": False, "text_wrap": True, "num_format": "@"}),
        "date": workbook.add_format(base | edges | {"locked": False, "num_format": "yyyy-mm-dd"}),
        "count": workbook.add_format(base | edges | {"locked": False, "num_format": "0"}),
        "title": workbook.add_format(base | {"bold": True, "font_size": 16, "font_color": "#16385A"}),
        "bold": workbook.add_format(base | {"bold": True}),
        "text": workbook.add_format(base | {"text_wrap": True}),
    }


def _decisions(sheet: Worksheet, asked: AskedSheet, formats: dict[str, CellFormat]) -> None:
    for place, name in enumerate(asked.header):
        sheet.set_column(place, place, WIDTHS.get(name, DEFAULT_WIDTH))
        sheet.write_string(0, place, name, formats["head"])
    for row, entry in enumerate(asked.entries, start=1):
        known = {
            **asked.origin,
            **{column: entry[field] for column, field in asked.about.items()},
            asked.extract.key.name: asked.id_of(entry),
        }
        for place, field in enumerate(asked.shown.values()):
            if field == "place":
                sheet.write_number(row, place, entry[field], formats["number"])
            else:
                sheet.write_string(row, place, entry[field], formats["locked"])
        for place, column in enumerate(asked.columns, start=len(asked.shown)):
            if column.name in known:
                sheet.write_string(row, place, known[column.name], formats["locked"])
            else:
                sheet.write_blank(row, place, None, formats[OPEN.get(column.kind, "open")])
        if asked.header[-1] == COMMENT:
            sheet.write_blank(row, len(asked.header) - 1, None, formats["open"])
    sheet.freeze_panes(1, len(asked.shown))
    sheet.autofilter(0, 0, max(len(asked.entries), 1), len(asked.header) - 1)
    sheet.protect("", {"select_locked_cells": True, "format_columns": True, "autofilter": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _seals(sheet: Worksheet, asked: AskedSheet, formats: dict[str, CellFormat], key: bytes) -> None:
    """The seal of each row, in a hidden column."""
    place = len(asked.header)
    sheet.set_column(place, place, DEFAULT_WIDTH, None, {"hidden": True})
    sheet.write_string(0, place, SEAL_COLUMN, formats["head"])
    for row, entry in enumerate(asked.entries, start=1):
        about = [str(entry[field]) for field in asked.about.values()]
        shown = [str(entry[field]) for field in asked.shown.values()]
        seal = seal_of(key, *asked.origin.values(), asked.id_of(entry), *about, shown=shown)
        sheet.write_string(row, place, seal, formats["locked"])


def _validations(sheet: Worksheet, asked: AskedSheet, words: Words) -> None:
    """Drop-downs with the contract's code lists and their meanings, and validation of dates and numbers."""
    rows = len(asked.entries)
    for place, column in enumerate(asked.columns, start=len(asked.shown)):
        if column.is_prefilled or not rows:
            continue
        if column.codes:
            rule: dict[str, Any] = {
                "validate": "list",
                "source": list(column.codes),
                "error_message": words("form_bad_code"),
                "input_title": column.name,
                "input_message": _legend(column, words),
            }
        elif column.kind == "date":
            rule = {
                "validate": "date", "criteria": ">=", "value": date(2000, 1, 1), "error_message": words("form_bad_date"),
            }  # fmt: skip
        elif column.kind == "integer":
            rule = {
                "validate": "integer", "criteria": "between", "minimum": column.minimum, "maximum": column.maximum,
                "error_message": words("form_bad_number", least=column.minimum, most=column.maximum),
            }  # fmt: skip
        else:
            continue
        sheet.data_validation(1, place, rows, place, {**rule, "ignore_blank": True})


def _legend(column: Column, words: Words) -> str:
    """The meanings of the column's codes, as many as a cell's hint can hold; the guide has them all."""
    lines = [f"{code}: {words.label(CODE_LISTS[column.name], code)}" for code in column.codes]
    while len("\n".join(lines)) > MAX_HINT:
        lines.pop()
    return "\n".join(lines)


def _guide(
    sheet: Worksheet,
    head: dict[str, str],
    formats: dict[str, CellFormat],
    words: Words,
) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 30)
    sheet.set_column(2, 2, 60)
    sheet.write_string(0, 0, words("form_title"), formats["title"])
    sheet.write_string(
        1, 0, f"{head['centre']} · {head['release_id']} · {words('as_of')} {head['as_of']}", formats["bold"]
    )
    sheet.write_string(2, 0, head["handling"])
    row = 4
    for number, line in enumerate(words("form_guide").splitlines(), start=1):
        sheet.merge_range(row, 0, row, 2, f"{number}. {line}", formats["text"])
        sheet.set_row(row, 32)
        row += 1
    row += 1
    for place, key in enumerate(("form_column", "form_code", "form_meaning")):
        sheet.write_string(row, place, words(key), formats["head"])
    # The same columns and codes in both sheets of decisions.
    for column in decision_extracts()[0].columns:
        for code in column.codes if column.name in CODE_LISTS else ():
            row += 1
            sheet.write_string(row, 0, column.name)
            sheet.write_string(row, 1, code)
            sheet.write_string(row, 2, words.label(CODE_LISTS[column.name], code))
    sheet.protect("", {"select_locked_cells": True, "format_columns": True})
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write prioritisation.xlsx."""
    tables, words = snapshot.tables, snapshot.words
    persons, groups = list(snapshot.ranking), list(snapshot.groups)
    persons += nominated_persons(tables, {entry["person_id"] for entry in persons}, words)
    groups += nominated_enterprises(tables, {entry["group_id"] for entry in groups}, words)
    persons += linked_persons(tables, snapshot.ranking, {entry["person_id"] for entry in persons}, words)
    groups += linked_enterprises(tables, snapshot.ranking, {entry["group_id"] for entry in groups}, words)
    form = build_form(
        snapshot.head,
        snapshot.centre_id,
        {DECISIONS: persons, GROUP_DECISIONS: groups, INFORMED: audiences(str(snapshot.pins.period), words)},
        snapshot.pins.as_of,
        snapshot.words,
        snapshot.form_key,
    )
    (folder / "prioritisation.xlsx").write_bytes(form)


FORMAT = Format("decision_form", write)
