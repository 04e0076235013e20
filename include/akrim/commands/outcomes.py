"""Shows the outcomes of deliveries in a terminal."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from akrim.commands.output import Screen

STYLES = {"accepted": "green", "already_loaded": "dim", "refused": "bold red", "waiting": "yellow"}


def show_outcomes(outcomes: Sequence[Any]) -> None:
    """Print one line per delivery: status, rows set aside, and the reason for a refusal."""
    if not outcomes:
        Screen().print("Nothing lies in the inbox.")
        return
    table = Table(box=None, header_style="bold")
    table.add_column("delivery", no_wrap=True)
    for name in ("status", "loaded", "set aside"):
        table.add_column(name, no_wrap=True)
    table.add_column("why", overflow="fold")
    for outcome in outcomes:
        why = f"{outcome.code}: {outcome.detail}" if outcome.code else "; ".join(outcome.notes)
        table.add_row(
            Text(outcome.delivery_id),
            Text(outcome.status, style=STYLES[outcome.status]),
            str(sum(outcome.loaded.values()) or ""),
            str(sum(outcome.quarantined.values()) or ""),
            Text(why),
        )
    Screen().print(table)
