"""`akrim deliveries`: what came and what became of it, what a delivery changes, and how far extracts move."""

from typing import Annotated, Any

import typer

from akrim import ledger, warehouse
from akrim.commands.deliveries.answers import docs, receipt
from akrim.commands.deliveries.decisions import Accepted, confirm, replay, withdraw
from akrim.commands.deliveries.table import beyond_assessing, show_table
from akrim.commands.output import JsonOption, Screen

app = typer.Typer(invoke_without_command=True)

IMPACT = {
    "within": "made with it",
    "leaving": "made with it, and would be made without",
    "entering": "would be made with it",
    "outside": "made without it",
}
PROPOSED = ("proposed_fewestShare", "proposed_mostShare")


@app.callback()
def deliveries(
    context: typer.Context,
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None,
    period: Annotated[str | None, typer.Option(help="Only this period's, such as 2026-T1.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Every delivery that came: accepted, refused or withdrawn, how many rows were loaded and set aside; and what is missing.

    Extracts are named that came empty, unchanged, shrunken or swollen, or whose facts are stale.
    The notes name what else was seen: files not declared, and each bad cell of a returned decision form.

    Example: akrim deliveries --agency nav
    """
    if context.invoked_subcommand:
        return
    from akrim.insight import list_deliveries

    warehouse.prepare()
    rows = list_deliveries(agency, period)
    columns = (
        "delivery_id",
        "status",
        "period",
        "mode",
        "declared",
        "loaded",
        "set_aside",
        "extracts",
        "reason",
        "detail",
        "notes",
    )
    show_table(
        rows, columns, as_json, "No delivery has come. `akrim receive` or `akrim run` takes in an inbox."
    )


def show(delivery: Accepted, as_json: JsonOption = False) -> None:
    """Each extract of a delivery: first, changed, unchanged, empty, shrunken or swollen, and as of which day its facts are.

    Compared are the rows that stand after the delivery with those before it; rows_usual are those of the newest sound one.

    Example: akrim deliveries show nav-2026-T1-01
    """
    from akrim.insight import list_extracts

    warehouse.prepare()
    columns = (
        "extract",
        "state",
        "as_of",
        "days_old",
        "is_stale",
        "rows",
        "rows_usual",
        "is_confirmed",
        "by_name",
        "reason",
    )
    show_table(list_extracts(delivery), columns, as_json, "")


def impact(
    delivery: Annotated[
        str, typer.Argument(help="An accepted delivery's id, also a withdrawn one's, such as nav-2026-T1-02.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Which releases in force a delivery is in, and which would be made otherwise because of it, such as by a late correction.

    Compared are the deliveries of its agency that each was made from with those that assessing its period anew would take, and
    how their extracts compare with earlier ones. Nothing is changed: `akrim run --period` makes that period's next revision, as
    long as nothing that it is made of was removed.

    Example: akrim deliveries impact nav-2025-T3-02
    """
    from akrim.insight import list_impact

    warehouse.prepare()
    columns = ("release_id", "effect", "would_change", "enter", "leave")
    rows = [row | {"effect": IMPACT[row["effect"]]} for row in list_impact(delivery)]
    show_table(
        rows, (*columns, *(("removed", "period") if as_json else ())), as_json, "" if rows else _no_release()
    )
    if not as_json:
        _advise([row for row in rows if row["would_change"]])


def _advise(changed: list[dict[str, Any]]) -> None:
    """Which of the releases cannot be made anew, and the first that can."""
    screen, possible = Screen(soft_wrap=True), [row["period"] for row in changed if not row["removed"]]
    for row in changed:
        if row["removed"]:
            screen.print(beyond_assessing(row["period"], row["removed"]))
    if possible:
        screen.print(f"`akrim run --period {possible[0]}` makes the first of them anew.")


def _no_release() -> str:
    with warehouse.connect() as connection:
        return ledger.none_in_force(connection, "").what


def limits(
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """How far each extract's rows have moved between deliveries, and limits of volume that would fit that.

    Proposed is as far again as the farthest move that was right, where at least three deliveries could be compared. Write it into the
    contract, if you agree: beyond fewestShare an extract is shrunken, beyond mostShare swollen, and a release is held.

    Example: akrim deliveries limits --agency nav
    """
    from akrim.insight import list_limits

    columns = ("agency", "extract", "compared", "least", "most", "fewestShare", "mostShare", *PROPOSED)
    show_table(list_limits(agency), columns, as_json, "No extract has limits of volume.")


for command in (show, confirm, withdraw, replay, impact, limits, docs, receipt):
    app.command()(command)
