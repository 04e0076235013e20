"""Output of commands, to the terminal, as CSV and as JSON, where text of any origin stays text.

Nothing is interpreted as markup, and control, hidden and reordering characters are shown as �.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any, TextIO

import typer
from rich.cells import cell_len
from rich.console import Console, OverflowMethod
from rich.table import Column, Table
from rich.text import Text

from akrim.characters import plain, visible

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

# Of columns whose texts may break: narrower, and a sentence becomes a tower.
LONGEST_FOLDED = 24


def print_json(value: Any) -> None:
    """Print a value on one line, in ASCII, so that any terminal and any reader takes it; what is no number of JSON's as text."""
    print(json.dumps(value, default=lambda other: float(other) if isinstance(other, Decimal) else str(other)))


def write_csv(
    out: TextIO, columns: Sequence[str], rows: Iterable[Iterable[Any]], delimiter: str = ","
) -> None:
    """A header and the rows, in lines as other programs of a shell read them."""
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([plain(cell) for cell in row] for row in rows)


def visible_within(value: Any) -> Any:
    """Apply `visible` to every text in lists and dictionaries."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: visible_within(part) for key, part in value.items()}
    return [visible_within(part) for part in value] if isinstance(value, list | tuple) else value


def bare_table(
    *headers: str, no_wrap: bool = False, overflow: OverflowMethod = "ellipsis", **options: Any
) -> Table:
    """A table without lines, its headers in bold; further options are those of rich's Table.

    Args:
        no_wrap, overflow: of each of these columns, as of rich's Column.
    """
    columns = [Column(header, no_wrap=no_wrap, overflow=overflow) for header in headers]
    return Table(*columns, box=None, header_style="bold", **options)


class Screen(Console):
    """A console that prints untrusted text safely, in lines and in table cells."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)

    def table(self, table: Table, when_empty: str = "") -> None:
        """Print a table; where a terminal is too narrow for it, a line for each value, and elsewhere as wide as its rows need.

        Args:
            when_empty: what is said in place of a table without rows.
        """
        if when_empty and not table.rows:
            self.print(when_empty)
            return
        if not self.is_terminal:
            self.width = max(self.width, _width(table, longest=None))
        if _width(table, LONGEST_FOLDED) > self.width:
            self.records(table)
        else:
            self.print(table)

    def records(self, table: Table) -> None:
        """Print a table's rows one below the other, with a line for each value that there is, between its title and its caption."""
        if table.title:
            self.print(Text(str(table.title), style="bold"))
        names = [str(column.header) for column in table.columns]
        for number, row in enumerate(zip(*(column.cells for column in table.columns), strict=True), start=1):
            shown = Table(
                box=None, show_header=False, title=f"- {number} -", title_justify="left", title_style="dim"
            )
            shown.add_column(no_wrap=True, style="bold")
            shown.add_column(overflow="fold")
            for name, cell in zip(names, row, strict=True):
                if str(cell):
                    shown.add_row(name, cell)
            self.print(shown)
        if table.caption:
            self.print(Text(str(table.caption), style="dim"))

    def item(self, label: str, text: str, style: str = "yellow") -> None:
        """Print an emphasised label and its text on one line."""
        self.print(Text.assemble((label, style), " ", visible(text)))


def _width(table: Table, longest: int | None) -> int:
    """The characters that a table needs for its columns side by side, where a text that may break needs at most so many."""
    needed = 0
    for column in table.columns:
        lines = [line for cell in (column.header, *column.cells) for line in str(cell).splitlines()]
        widest = max((cell_len(line) for line in lines), default=0)
        needed += (widest if column.no_wrap or longest is None else min(widest, longest)) + 2
    return needed
