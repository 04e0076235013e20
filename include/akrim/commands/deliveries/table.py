"""A table of deliveries, extracts or rows, or the same as JSON."""

import json
from collections.abc import Iterable
from typing import Any

from rich.text import Text

from akrim.characters import neutral_name, visible
from akrim.commands.output import Screen, bare_table, print_json

# Only sentences and rows may break; a number or a code broken over lines is not read.
WRAPPED_COLUMNS = ("extracts", "effect", "enter", "leave", "detail", "notes", "expectation", "raw", "place")


def show_table(rows: list[dict[str, Any]], columns: tuple[str, ...], as_json: bool, when_empty: str) -> None:
    if as_json:
        print_json([{name: row[name] for name in columns} for row in rows])
        return
    table = bare_table()
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name not in WRAPPED_COLUMNS)
    for row in rows:
        table.add_row(*(Text(visible(_cell(row[name]))) for name in columns))
    Screen().table(table, when_empty)


def beyond_assessing(period: str, removed: Iterable[str]) -> str:
    """Why a period cannot be assessed anew: rows of these deliveries were removed."""
    names = ", ".join(map(neutral_name, removed))
    return f"{period} cannot be assessed anew: rows of {names} were removed, past the time for which they are kept."


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
