"""Decision forms for tests: made by the code that publishes, filled in and spoilt as a spreadsheet would save them."""

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from akrim.contracts import DECISIONS, GROUP_DECISIONS, INFORMED
from akrim.formats.decision_form import build_form
from akrim.formats.form_sheets import audiences
from akrim.keys import form_key
from akrim.report.wording import Words
from openpyxl import load_workbook

RELEASE = "2025-T2.1"
OSLOS = ("PPERSON1", "PPERSON2", "PPERSON3")
FIRST_ROW = 2
DECISION = {
    "status": "av_interesse", "prioritering": "overvaak", "begrunnelse": "ressurser", "ansvarlig_etat": "nav",
    "kapasitet_endring": "ikke_vurdert", "intensjon_endring": "uendret", "besluttet_dato": "2025-12-20",
}  # fmt: skip


def make_form(
    centre_id: str = "oslo",
    persons: Iterable[str] = OSLOS,
    key: bytes | None = None,
    groups: Iterable[tuple[str, str]] = (),
    release_id: str = RELEASE,
) -> bytes:
    """The form of a centre's lists, as it leaves the installation.

    Args:
        groups: the id of each network or enterprise, and its organisation numbers.
        key: seals it, in place of the installation's for that release.
    """
    head = {"release_id": release_id, "centre": centre_id, "as_of": "31.08.2025", "handling": "Skjermes"}
    ranking = [
        {"place": place, "person_id": person, "name": "Kari Testesen", "born": "12.03.1980", "total": "10",
         "shown_status": "", "proposed": ""}
        for place, person in enumerate(persons, start=1)
    ]  # fmt: skip
    listed = [
        {"place": place, "group_id": group_id, "enterprises": enterprises, "name": "Nettverk: Nyrens Drift AS",
         "members": "Kari Testesen", "total": "40", "shown_status": "", "proposed": "Trusselaktør"}
        for place, (group_id, enterprises) in enumerate(groups, start=1)
    ]  # fmt: skip
    entries = {DECISIONS: ranking, GROUP_DECISIONS: listed, INFORMED: audiences("2025-T2", Words("nb"))}
    return build_form(head, centre_id, entries, date(2025, 8, 31), Words("nb"), key or form_key(release_id))


def fill_in(
    form: bytes,
    target: Path,
    *rows: dict[str, Any],
    all_rows: dict[str, Any] | None = None,
    sheet_name: str = DECISIONS,
) -> Path:
    """Save the form with these values in its first rows, and `all_rows` in each that names somebody.

    Returns `target`.
    """
    book = load_workbook(BytesIO(form))
    sheet = book[sheet_name]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    for number in range(FIRST_ROW, sheet.max_row + 1):
        given = rows[number - FIRST_ROW] if number - FIRST_ROW < len(rows) else {}
        for name, value in {**given, **(all_rows or {})}.items():
            sheet[f"{letters[name]}{number}"] = value
    book.save(target)
    return target


def cell_of(form: bytes, column: str, row: int = FIRST_ROW) -> str:
    """Where the column stands in that row, such as J2."""
    sheet = load_workbook(BytesIO(form))["beslutninger"]
    return next(f"{cell.column_letter}{row}" for cell in sheet[1] if cell.value == column)
