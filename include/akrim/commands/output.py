"""Output of commands, to the terminal and as CSV, where text of any origin stays text.

Nothing is interpreted as markup, and control, hidden and reordering characters are shown as �. In CSV, text that a
spreadsheet would take for a formula is prefixed by an apostrophe, as spreadsheets do; numbers, dates and empty cells are
unchanged.
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
    """The cell in a form that no spreadsheet or terminal interprets."""
    if cell is None or isinstance(cell, Number):
        return cell
    text = str(cell)
    shown = visible(text)
    return f"'{shown}" if text.startswith(FORMULA_STARTS) or shown.startswith(FORMULA_STARTS) else shown


def visible(text: str) -> str:
    """The text with control, hidden and reordering characters replaced by �."""
    if text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(c) in HIDDEN_CATEGORIES and c not in LINE_BREAKS else c for c in text
    )


def visible_within(value: Any) -> Any:
    """Apply `visible` to every text in lists and dictionaries."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: visible_within(part) for key, part in value.items()}
    return [visible_within(part) for part in value] if isinstance(value, list | tuple) else value


class Screen(Console):
    """A console that prints untrusted text safely, in lines and in table cells."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)

    def item(self, label: str, text: str, style: str = "yellow") -> None:
        """Print an emphasised label and its text on one line."""
        self.print(Text.assemble((label, style), " ", visible(text)))
