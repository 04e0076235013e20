"""An answer on the screen: as a table, with a line a value where that is too wide, as CSV, or as JSON."""

import json
import math
import sys
from contextlib import nullcontext
from decimal import Decimal
from typing import Any

from rich.text import Text

from akrim.characters import visible
from akrim.commands.output import Screen, bare_table, write_csv
from akrim.commands.sql.asking import Answer, Json
from akrim.errors import UserError

LONG = 40


def show(answer: Answer, *, is_expanded: bool) -> None:
    """Print a table, by the user's pager where it has more lines than the screen."""
    screen = Screen()
    table = bare_table()
    for place, name in enumerate(answer.names):
        is_long = any(len(as_text(row[place])) > LONG for row in answer.rows)
        table.add_column(Text(visible(name)), overflow="fold", no_wrap=not is_long)
    for row in answer.rows:
        table.add_row(*(Text(visible(as_text(value))) for value in row))
    is_paged = (
        screen.is_terminal
        and len(answer.rows) * (len(answer.names) if is_expanded else 1) > screen.height - 4
    )
    with screen.pager() if is_paged else nullcontext():
        screen.records(table) if is_expanded else screen.table(table)
        screen.print(f"({len(answer.rows)} {'row' if len(answer.rows) == 1 else 'rows'})", style="dim")


def print_csv(answer: Answer) -> None:
    write_csv(sys.stdout, answer.names, ([as_cell(value) for value in row] for row in answer.rows))


def print_json(answer: Answer) -> None:
    """An array with an object for each row: JSON columns and arrays are JSON within it."""
    keys = [json.dumps(name, ensure_ascii=False) for name in unlike(answer.names)]
    objects = (
        "{" + ", ".join(f"{key}: {as_json(value)}" for key, value in zip(keys, row, strict=True)) + "}"
        for row in answer.rows
    )
    sys.stdout.write("[" + ",\n ".join(map(visible, objects)) + "]\n")


def unlike(names: list[str]) -> list[str]:
    """The names; raises UserError where two columns have the same."""
    for name in names:
        if names.count(name) > 1:
            raise UserError(
                f"Two columns are named {name}.",
                "akrim sql",
                f"Name one of them otherwise: … as other_{name}",
            )
    return names


def as_cell(value: Any) -> Any:
    """A number or nothing as it is, and a text for all else."""
    is_plain = value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))
    return value if is_plain else as_text(value)


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return as_json(value) if isinstance(value, bool | list) else str(value)


def as_json(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Json):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(as_json, value))}]"
    if isinstance(value, int | float | Decimal) and math.isfinite(value):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False)
