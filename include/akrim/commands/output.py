"""Output of commands, to the terminal and as CSV, where text of any origin stays text.

Nothing is interpreted as markup, and control, hidden and reordering characters are shown as �.
"""

import csv
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from akrim.characters import plain, visible

WIDTH_WITHOUT_TERMINAL = 240


def write_csv(
    out: TextIO, columns: Sequence[str], rows: Iterable[Iterable[Any]], delimiter: str = ","
) -> None:
    """A header and the rows."""
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([plain(cell) for cell in row] for row in rows)


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

    def table(self, table: Table) -> None:
        """Print a table; where no terminal limits its width, with room for its cells."""
        if not self.is_terminal:
            self.width = max(self.width, WIDTH_WITHOUT_TERMINAL)
        self.print(table)

    def item(self, label: str, text: str, style: str = "yellow") -> None:
        """Print an emphasised label and its text on one line."""
        self.print(Text.assemble((label, style), " ", visible(text)))
