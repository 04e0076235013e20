"""`akrim rules efficacy`: what happened afterwards to those whom the rules pointed at, beside everybody else."""

import sys
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from akrim import warehouse
from akrim.commands.options import require_at_most_one, rows_of
from akrim.commands.output import JsonOption, Screen, bare_table, print_json, write_csv

Row = dict[str, Any]
READ_IT = (
    "In brackets the interval of 95 per cent. Whoever is pointed at is also looked for more often: of the inspected, compare how many"
    " were severe. An outcome shows where a rule points, not that it was right."
)


def efficacy(
    outcome: Annotated[
        str,
        typer.Option(
            help="What happened afterwards.  [default: severe_inspection; with --json or --csv all]"
        ),
    ] = "",
    subgroups: Annotated[
        bool,
        typer.Option("--subgroups", help="Those pointed at by subgroup, for overseeing the rules alone."),
    ] = False,
    release: Annotated[str, typer.Option(help="Up to which release.  [default: the newest published]")] = "",
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """What happened within 12 and 24 months of an earlier release to those whom each rule pointed at, and to others.

    The others are whoever was looked at and the rule found nothing, and all who led an enterprise then and whom no rule gave a
    reason to look at.

    Example: akrim rules efficacy --outcome reassessed
    """
    from akrim.insight import read_efficacy

    require_at_most_one("--json, --csv", "forms", [as_json, as_csv], "Give one of them.")
    warehouse.prepare()
    rows = read_efficacy(release)
    columns = list(rows[0])
    if outcome or not (as_json or as_csv):
        rows = rows_of(rows, "outcome", "outcome", outcome or "severe_inspection")
    if subgroups and (as_json or as_csv):
        rows = [row for row in rows if _is_of_subgroup(row)]
    if as_json:
        print_json(rows)
    elif as_csv:
        write_csv(sys.stdout, columns, (row.values() for row in rows))
    else:
        _show(rows, with_subgroups=subgroups)


def _is_of_subgroup(row: Row) -> bool:
    return bool(row["compared"] == "pointed_at" and row["characteristic"] != "all")


def _show(rows: list[Row], *, with_subgroups: bool) -> None:
    console = Screen()
    for months in sorted({row["months"] for row in rows}):
        within = [row for row in rows if row["months"] == months]
        console.print()
        outcome = within[0]["outcome"].replace("_", " ").capitalize()
        title = f"{outcome} within {months} months of {within[0]['base_release_id']}"
        console.print(Text(title, style="bold"))
        others = next((row for row in within if row["compared"] == "others"), None)
        console.print(f"Others who led an enterprise then: {_share(others)}")
        console.table(_by_subgroup(within) if with_subgroups else _compared(within))
    console.print()
    console.print(Text(READ_IT, style="dim"))


def _compared(rows: list[Row]) -> Table:
    """A row per status and rule, beginning with those that at least so large a share of was borne out of."""
    from akrim.insight import by_least_share

    cells = {
        (row["subject"], row["code"], row["compared"]): row for row in rows if row["characteristic"] == "all"
    }
    table = bare_table("", "pointed at", "looked at, and not pointed at", no_wrap=True)
    pointed = [row for (_, _, compared), row in cells.items() if compared == "pointed_at"]
    for row in sorted(pointed, key=by_least_share):
        clear = cells.get((row["subject"], row["code"], "looked_at"))
        table.add_row(f"{row['subject']} {row['code']}", _share(row), _share(clear))
    return table


def _by_subgroup(rows: list[Row]) -> Table:
    table = bare_table("", "characteristic", "subgroup", "pointed at", no_wrap=True)
    for row in rows:
        if _is_of_subgroup(row):
            about = (f"{row['subject']} {row['code']}", row["characteristic"], row["subgroup"])
            table.add_row(*about, _share(row))
    return table


def _share(row: Row | None) -> str:
    from akrim.insight import FEW

    if row is None:
        return "nobody"
    counted = f"{row['outcome_count']}/{row['person_count']}"
    if row["person_count"] < FEW:
        return f"{counted}, too few"
    return f"{counted}  {row['share_pct']} % ({row['low_pct']}–{row['high_pct']})"
