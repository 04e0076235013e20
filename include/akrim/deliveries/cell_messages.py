"""What is wrong with a cell of a decision form, in the words of those who filled it in: every language, Norwegian first."""

from akrim.contracts import DECISIONS, Extract
from akrim.deliveries.decisions.words import choices, heading
from akrim.texts import LANGUAGES, texts


def cell_message(extract: Extract, cell: str, code: str, column_name: str) -> str:
    """One line in every language; the cell's content is not repeated.

    Args:
        cell: such as K5.
        code: the quarantine code.
        column_name: the column whose rule was broken.
    """
    return " / ".join(cell_message_in(language, extract, cell, code, column_name) for language in LANGUAGES)


def cell_message_in(language: str, extract: Extract, cell: str, code: str, column_name: str) -> str:
    """The same in one language."""
    column = next((c for c in extract.columns if c.name == column_name), extract.key)
    messages = texts(language, "messages")["cells"]
    if code == "bad_value":
        code = {"integer": "bad_number", "date": "early_date"}.get(column.kind, code)
    message: str = messages.get(code, messages["other"])
    return message.format(
        cell=cell if extract.name == DECISIONS else f"{extract.name}!{cell}",
        column=heading(column.name, language),
        codes=", ".join(choices(column, language)),
        least=column.minimum,
        most=column.maximum,
    )
