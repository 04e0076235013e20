"""What is wrong with a cell of a decision form, in the words of those who filled it in."""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import NamedTuple

from babel.lists import format_list

from akrim.contracts import DECISIONS, Extract, decisions_contract
from akrim.deliveries.readers.form_words import choices, heading
from akrim.settings import get_settings
from akrim.texts import said_in, texts
from akrim.texts.written import locale_of

# A row that holds text but nothing that decides.
NO_DECISION = "no_decision"


class FormCell(NamedTuple):
    """A cell that could not be read as it is: where, and the rule that it breaks; never what stands in it."""

    extract: str  # the sheet
    row: int | None  # the record's number, counted as in quarantine.rows; none of a row that decides nothing
    cell: str  # such as K5; of a row that decides nothing its number in the sheet
    column: str
    code: str  # the quarantine code, or NO_DECISION


def cell_message(extract: Extract, cell: FormCell) -> str:
    """One line in Norwegian and in English; the cell's content is not repeated."""
    return " / ".join(
        cell_message_in(language, extract, cell) for language in said_in(get_settings().language)
    )


def row_messages(language: str, cells: Sequence[FormCell]) -> list[str]:
    """What is wrong with a row of a form, a line each: its empty cells are told together."""
    extract = decisions_contract().extract(cells[0].extract)
    hidden = {column.name for column in extract.columns if column.is_prefilled}
    empty = {c.cell: c for c in cells if c.code == "empty_required" and c.column not in hidden}
    if len(empty) == 1:
        empty = {}
    told = [cell_message_in(language, extract, cell) for cell in cells if cell.cell not in empty]
    if empty:
        places = [f"{cell.cell} ({heading(cell.column, language)})" for cell in empty.values()]
        listed = format_list(places, locale=locale_of(language))
        told.insert(0, texts(language, "messages")["cells"]["empty_required_many"].format(cells=listed))
    return list(dict.fromkeys(told))


def cell_message_in(language: str, extract: Extract, cell: FormCell) -> str:
    """The same in one language; of a cell in a hidden column the row is told, and that it is not as it was made."""
    column = next((c for c in extract.columns if c.name == cell.column), extract.key)
    messages = texts(language, "messages")["cells"]
    code = cell.code
    if code == "bad_value":
        code = {"integer": "bad_number", "date": "early_date"}.get(column.kind, code)
    if column.is_prefilled and code not in {"repeated_key", NO_DECISION}:
        code = "unknown_reference"
    message: str = messages.get(code, messages["other"])
    sheet = "" if extract.name == DECISIONS else f"{extract.name}!"
    return message.format(
        cell=sheet + cell.cell,
        row=sheet + cell.cell.lstrip(ascii_uppercase),
        column=heading(column.name, language),
        codes=", ".join(choices(column, language)),
        least=column.minimum,
        most=column.maximum,
    )
