"""The decision form: an .xlsx that a management team fills in and sends back.

A sheet for persons and one for networks and enterprises, one row per entry of the list, and after it one for each that an
agency has nominated and that waits for an answer, and for each that is linked to a key threat actor or network; and a sheet
that asks how many were informed, in numbers alone. The first columns are for the reader and ignored when the form comes
back; the columns of the centres' contract follow, with known values filled in, locked and hidden, the others with the names
of the contract's codes to choose from. A heading holds its column's own name and shows a word in its place. Every text is
written as text, so that nothing in a name becomes a formula or a link. The last column, hidden and locked, seals each row to
release, centre and whom it is about (akrim.deliveries.decisions.seal).
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format as CellFormat
from xlsxwriter.worksheet import Worksheet

from akrim.contracts import DECISIONS, GROUP_DECISIONS, INFORMED, decision_extracts
from akrim.deliveries.decisions import CODE_LISTS, SEAL_COLUMN, choices, heading, seal_of
from akrim.formats.form_sheets import AskedSheet, audiences
from akrim.formats.form_style import (
    DEFAULT_WIDTH,
    HEAD_HEIGHT,
    WIDTHS,
    WIDTHS_OF_GROUPS,
    cell_formats,
    heading_format,
    set_up_page,
)
from akrim.formats.registry import Format, Snapshot
from akrim.formats.workbook import new_workbook
from akrim.periods import Period
from akrim.report import (
    DASH,
    Words,
    last_decisions,
    linked_enterprises,
    linked_persons,
    nominated_enterprises,
    nominated_persons,
)

OPEN = {"date": "date", "integer": "count"}


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
    workbook = new_workbook(content, f"{words('form_title')} {head['release_id']}", head, as_of)
    workbook.set_custom_property("release_id", head["release_id"], "text")
    workbook.set_custom_property("senter", centre_id, "text")
    formats = cell_formats(workbook)
    origin = {"release_id": head["release_id"], "senter": centre_id}
    for extract in decision_extracts():
        asked = AskedSheet(extract, entries[extract.name], origin)
        sheet = workbook.add_worksheet(extract.name)
        _head(sheet, asked, workbook, words)
        _decisions(sheet, asked, formats)
        _seals(sheet, asked, formats, key)
        _validations(sheet, asked, as_of, words)
        set_up_page(sheet, head, words)
    guide = workbook.add_worksheet(words("form_sheet_guide"))
    _guide(guide, head, formats, words)
    set_up_page(guide, head, words)
    workbook.close()
    return content.getvalue()


def _head(sheet: Worksheet, asked: AskedSheet, workbook: xlsxwriter.Workbook, words: Words) -> None:
    widths = WIDTHS_OF_GROUPS if asked.name == GROUP_DECISIONS else WIDTHS
    for place, name in enumerate(asked.header):
        hidden = {"hidden": True} if name in asked.hidden else None
        sheet.set_column(place, place, widths.get(name, DEFAULT_WIDTH), None, hidden)
        sheet.write_string(0, place, name, heading_format(workbook, heading(name, words.language)))
    sheet.set_row(0, HEAD_HEIGHT)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, asked.frozen)
    sheet.set_selection(1, asked.first_open, 1, asked.first_open)


def _decisions(sheet: Worksheet, asked: AskedSheet, formats: dict[str, CellFormat]) -> None:
    for row, entry in enumerate(asked.entries, start=1):
        known = {
            **asked.origin,
            **{column: entry[field] for column, field in asked.about.items()},
            asked.extract.key.name: asked.id_of(entry),
        }
        for place, field in enumerate(asked.read.values()):
            if isinstance(entry.get(field), int):
                sheet.write_number(row, place, entry[field], formats["number"])
            else:
                sheet.write_string(row, place, entry.get(field, ""), formats["locked"])
        for place, column in enumerate(asked.columns, start=len(asked.read)):
            if column.name in known:
                sheet.write_string(row, place, known[column.name], formats["locked"])
            else:
                sheet.write_blank(row, place, None, formats[OPEN.get(column.kind, "open")])
    sheet.autofilter(0, 0, max(len(asked.entries), 1), len(asked.header) - 1)
    sheet.protect(
        "", {"select_locked_cells": True, "format_columns": True, "format_rows": True, "autofilter": True}
    )


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


def _validations(sheet: Worksheet, asked: AskedSheet, as_of: date, words: Words) -> None:
    """Drop-downs with the names of the contract's codes, and validation of dates and numbers."""
    rows = len(asked.entries)
    # Nobody decides on a release before its cut-off date, but for a mistyped year; who is informed is counted within the tertial, too.
    earliest = Period.of(as_of).start if asked.name == INFORMED else as_of + timedelta(days=1)
    for place, column in enumerate(asked.columns, start=len(asked.read)):
        if column.is_prefilled or not rows:
            continue
        if column.codes:
            rule: dict[str, Any] = {
                "validate": "list",
                "source": choices(column, words.language),
                "error_message": words("form_bad_code"),
            }
        elif column.kind == "date":
            rule = {
                "validate": "date", "criteria": ">=", "value": earliest,
                "error_message": words("form_bad_date", earliest=earliest.strftime("%d.%m.%Y")),
            }  # fmt: skip
        elif column.kind == "integer":
            rule = {
                "validate": "integer", "criteria": "between", "minimum": column.minimum, "maximum": column.maximum,
                "error_message": words("form_bad_number", least=column.minimum, most=column.maximum),
            }  # fmt: skip
        else:
            continue
        sheet.data_validation(1, place, rows, place, {**rule, "ignore_blank": True})


def _guide(sheet: Worksheet, head: dict[str, str], formats: dict[str, CellFormat], words: Words) -> None:
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
    for place, key in enumerate(("form_column", "form_choice", "form_code")):
        sheet.write_string(row, place, words(key), formats["head"])
    # The same columns and codes in both sheets of decisions.
    for column in decision_extracts()[0].columns:
        if column.name in CODE_LISTS:
            for code, choice in zip(column.codes, choices(column, words.language), strict=True):
                row += 1
                sheet.write_string(row, 0, heading(column.name, words.language))
                sheet.write_string(row, 1, choice)
                sheet.write_string(row, 2, code)
    sheet.protect("", {"select_locked_cells": True, "format_columns": True})


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write prioritisation.xlsx."""
    tables, words = snapshot.tables, snapshot.words
    # Points are numbers here, by which a spreadsheet can filter. Whom the team has dismissed is outside the ranking, as in the report.
    persons = [
        e | {"place": DASH if e["is_dismissed"] else e["place"], "total": e["order"]["total"]}
        for e in snapshot.ranking
    ]
    # Networks and enterprises are ranked each by themselves, and stand in one sheet.
    groups = [
        g | {"place": f"{words.label('party', g['kind'])} {g['place']}", "total": g["total_points"]}
        for g in snapshot.groups
    ]
    persons += nominated_persons(tables, {entry["person_id"] for entry in persons}, words)
    groups += nominated_enterprises(tables, {entry["group_id"] for entry in groups}, words)
    persons += linked_persons(tables, snapshot.ranking, {entry["person_id"] for entry in persons}, words)
    groups += linked_enterprises(
        tables, snapshot.ranking, groups, snapshot.holding_steps, snapshot.pins.as_of, words
    )
    form = build_form(
        snapshot.head,
        snapshot.centre_id,
        {
            DECISIONS: _reminded(persons, "prioritisations", "person_id", snapshot),
            GROUP_DECISIONS: _reminded(groups, "group_decisions", "group_id", snapshot),
            INFORMED: audiences(str(snapshot.pins.period), words),
        },
        snapshot.pins.as_of,
        snapshot.words,
        snapshot.form_key,
    )
    (folder / "prioritisation.xlsx").write_bytes(form)


def _reminded(
    entries: Sequence[dict[str, Any]], mart: str, subject: str, snapshot: Snapshot
) -> list[dict[str, Any]]:
    """The entries, each with what the centre last decided on it."""
    last = last_decisions(snapshot.tables[mart], subject, snapshot.centre_id, snapshot.words)
    return [entry | {"last_decision": last.get(entry[subject], "")} for entry in entries]


FORMAT = Format("decision_form", write)
