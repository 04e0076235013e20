"""`akrim quarantine`: rows that were set aside, and the reasons."""

from typing import Annotated

import typer

from akrim import audit, warehouse
from akrim.commands.audit.consulting import ByOption, PurposeOption
from akrim.commands.deliveries.table import show_table
from akrim.commands.output import JsonOption


def quarantine(
    delivery: Annotated[str | None, typer.Option(help="Only this delivery's rows.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only rows with this code, such as bad_date.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only this agency's rows.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000_000, help="Show at most so many rows.")] = 100,
    show_rows: Annotated[
        bool, typer.Option("--rows", help="Show the rows as sent: they hold personal data.")
    ] = False,
    by: ByOption = "",
    purpose: PurposeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Rows that were set aside, each with the expectation that it failed.

    The rows themselves are shown only with --rows, and that they were is logged. Row numbers count records from 1, without the header.

    Example: akrim quarantine --delivery nav-2026-T1-01
    """
    from akrim.insight import SetAside, list_quarantined, require_known

    warehouse.prepare()
    for option, given in {"agency": agency, "delivery": delivery, "reason": reason}.items():
        require_known(option, given)
    rows = list_quarantined(SetAside(agency or "", delivery or "", reason=reason or ""), limit)
    if show_rows:
        audit.log_consultation("quarantine", by, purpose, rows=len(rows))
    columns = (
        "delivery_id",
        "extract",
        "row_number",
        "reason",
        "expectation",
        *(("raw",) if show_rows else ()),
    )
    show_table(rows, columns, as_json, "No row was set aside.")
