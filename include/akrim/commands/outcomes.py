"""Shows the outcomes of deliveries in a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from akrim.commands.output import Screen, bare_table

if TYPE_CHECKING:
    from akrim.deliveries import DeliveryOutcome

STYLES = {"accepted": "green", "already_loaded": "dim", "refused": "bold red", "waiting": "yellow"}


def show_outcomes(outcomes: "Sequence[DeliveryOutcome]") -> None:
    """Print one line per delivery: status and rows set aside; and below, for each that has any, the reasons."""
    screen = Screen()
    table = bare_table("delivery", "status", "loaded", "set aside", no_wrap=True)
    for outcome in outcomes:
        table.add_row(
            Text(outcome.delivery_id),
            Text(outcome.status, style=STYLES[outcome.status]),
            str(sum(outcome.loaded.values()) or ""),
            str(sum(outcome.quarantined.values()) or ""),
        )
    screen.table(table, "Nothing lies in the inbox.")
    # Not a column: a narrow terminal would have no room for it beside a long id.
    for outcome in outcomes:
        for why in [f"{outcome.code}: {outcome.detail}"] if outcome.code else outcome.notes:
            screen.item(outcome.delivery_id, why)
