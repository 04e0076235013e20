"""What is wrong with a cell of a decision form, in the words of those who filled it in: Norwegian first, then English."""

from functools import lru_cache
from importlib.resources import files

import yaml

from akrim.contracts import Extract


def cell_message(extract: Extract, cell: str, code: str, column_name: str) -> str:
    """One line in both languages; the cell's content is not repeated.

    Args:
        cell: such as K5.
        code: the quarantine code.
        column_name: the column whose rule was broken.
    """
    column = next((c for c in extract.columns if c.name == column_name), extract.key)
    texts = _texts().get(code, _texts()["other"])
    filled = {"cell": cell, "column": column.name, "codes": ", ".join(column.codes)}
    return " / ".join(texts[language].format(**filled) for language in ("nb", "en"))


@lru_cache
def _texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = yaml.safe_load(
        files("akrim.deliveries").joinpath("cell_messages.yml").read_text("utf-8")
    )
    return texts
