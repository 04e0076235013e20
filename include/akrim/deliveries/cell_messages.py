"""What is wrong with a cell of a decision form, in the words of those who filled it in: every language, Norwegian first."""

from akrim.contracts import DECISIONS, Extract
from akrim.texts import LANGUAGES, texts


def cell_message(extract: Extract, cell: str, code: str, column_name: str) -> str:
    """One line in every language; the cell's content is not repeated.

    Args:
        cell: such as K5.
        code: the quarantine code.
        column_name: the column whose rule was broken.
    """
    column = next((c for c in extract.columns if c.name == column_name), extract.key)
    place = cell if extract.name == DECISIONS else f"{extract.name}!{cell}"
    filled = {
        "cell": place, "column": column.name, "codes": ", ".join(column.codes), "least": column.minimum, "most": column.maximum,
    }  # fmt: skip
    if code == "bad_value":
        code = {"integer": "bad_number", "date": "early_date"}.get(column.kind, code)
    messages = [texts(language, "messages")["cells"] for language in LANGUAGES]
    return " / ".join(message.get(code, message["other"]).format(**filled) for message in messages)
