"""What commands write, to the terminal and as CSV: text of any origin stays text.

Nothing is read as markup, and characters that hide, reorder or command are shown as �. In CSV a text that a
spreadsheet takes for a formula gets an apostrophe before it, as a spreadsheet itself writes text; numbers, dates and
empty cells are as they are.
"""

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from numbers import Number
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from akrim.characters import HIDDEN_CATEGORIES

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LINE_BREAKS = "\n"


def write_csv(
    out: TextIO, columns: Sequence[str], rows: Iterable[Iterable[Any]], delimiter: str = ","
) -> None:
    """A header and the rows."""
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([plain(cell) for cell in row] for row in rows)


def plain(cell: Any) -> Any:
    """The cell as no spreadsheet and no terminal acts on it."""
    if cell is None or isinstance(cell, Number):
        return cell
    text = str(cell)
    shown = visible(text)
    return f"'{shown}" if text.startswith(FORMULA_STARTS) or shown.startswith(FORMULA_STARTS) else shown


def visible(text: str) -> str:
    """The text with every character shown that hides, reorders or commands."""
    if text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(c) in HIDDEN_CATEGORIES and c not in LINE_BREAKS else c for c in text
    )


def visible_within(value: Any) -> Any:
    """The same of every text in lists and dictionaries."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: visible_within(part) for key, part in value.items()}
    return [visible_within(part) for part in value] if isinstance(value, list | tuple) else value


class Screen(Console):
    """A console for text of any origin, in lines and in tables' cells."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)

    def tell(self, label: str, text: str, style: str = "yellow") -> None:
        """A line that begins with an emphasised label."""
        self.print(Text.assemble((label, style), " ", visible(text)))
