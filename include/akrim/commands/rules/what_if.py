"""`akrim rules what-if`: who would enter, leave or change status if the rules were others, or an agency's data not there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from akrim.commands.audit.consulting import ByOption, PurposeOption
from akrim.commands.output import JsonOption, Screen, bare_table, print_json
from akrim.errors import UserError

if TYPE_CHECKING:
    from akrim.changes import Consequences
    from akrim.ledger import Pins

Row = dict[str, Any]
# What becomes of those for whom a status is proposed now.
STATUSES = {
    "before": "persons",
    "kept": "as serious",
    "lowered": "less serious",
    "unproposed": "by status alone",
    "left": "missed",
    "unknown": "known to no other",
}
COUNTS = {
    "listed_before": "listed",
    "listed_after": "would be",
    "entered": "enter",
    "left": "leave",
    "raised": "raised",
    "lowered": "lowered",
    "points": "points only",
}


def what_if(
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NUMBER", help="serial_bankruptcy.points=12, or a seed's number."),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--file", help="A changed model, macro, seed or YAML block, by its own name."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="AGENCY", help="Without this agency's data, such as nav.")
    ] = None,
    release: Annotated[str, typer.Option(help="A release.  [default: the newest published]")] = "",
    show_persons: Annotated[
        bool, typer.Option("--persons", help="Also each person who would move, by id; it is logged.")
    ] = False,
    as_json: JsonOption = False,
    by: ByOption = "",
    purpose: PurposeOption = "",
) -> None:
    """Assess a release by other rules, or without an agency's data, and show who would enter, leave or change status.

    Nothing is changed or published. Both sides are assessed by the rules of today, so that what is given here is the only
    difference. --set takes RULE.NUMBER=VALUE (threshold, points, step_size, step_points, cap, look_back) or
    SEED.ROW.COLUMN=VALUE, such as event_caps.bankruptcy.first_points=20; --file takes the place of the file of that name. --without
    assesses from none of an agency's rows and none of the links through its records.

    Example: akrim rules what-if --set serial_bankruptcy.points=12
    Example: akrim rules what-if --without nav
    """
    from akrim import audit, changes, ledger, warehouse
    from akrim.deliveries.removal import require_rows
    from akrim.orchestration.pinning import code_digest
    from akrim.rules import compile_rules, compile_variant
    from akrim.settings import get_settings

    if not settings and not files and not without:
        raise UserError(
            "Nothing is changed.", "--set", "Give --set, --file or --without, each as often as needed."
        )
    warehouse.prepare()
    pins = ledger.load(release or _newest())
    with warehouse.connect() as connection:
        require_rows(connection, pins.delivery_ids)
    changes.check_agencies(without or [])
    project = get_settings().project_root / "dbt_project"
    changed = (
        compile_variant(project, pins.variables, settings or [], files or []) if settings or files else None
    )
    present = compile_rules(project, pins.variables)
    made_by = present if pins.inputs["code"] == code_digest(get_settings().project_root) else None
    found = changes.what_if(pins.release_id, present, changed or present, without or [], made_by)
    if show_persons:
        persons = {row["person_id"] for row in found.persons}
        audit.log_consultation("rules what-if", by, purpose, persons)
    if as_json:
        shown = {name: rows for name, rows in found._asdict().items() if name != "persons" or show_persons}
        print_json({"release_id": pins.release_id, **shown})
    else:
        _show_counts(pins, found, without or [])
        if show_persons:
            Screen().table(_persons(found.persons), "Nobody would move.")


def _newest() -> str:
    from akrim import insight, warehouse

    with warehouse.connect() as connection:
        return insight.require_newest_release(connection, "akrim rules")


def _show_counts(pins: "Pins", found: "Consequences", without: list[str]) -> None:
    from akrim.rules import rules_digest

    console = Screen()
    console.print()
    what = f"without the data of {', '.join(without)}" if without else "if the rules were others"
    console.print(Text(f"Release {pins.release_id}, {what}", style="bold"))
    if pins.inputs.get("rules") != rules_digest():
        console.item("Note:", "the release was made by earlier rules; both sides here are by today's.")
    if found.unchecked:
        console.item("Unavailable:", f"rules that could not be checked: {', '.join(found.unchecked)}.")
    console.table(_table(found.centres, {"centre_id": "centre"}, COUNTS))
    if without:
        console.print()
        console.print(Text("Each person once, by what is proposed now", style="bold"))
        console.table(_table(found.statuses, {"proposed_status": "proposed now"}, STATUSES))
    console.print()
    console.print(Text("By subgroup, for overseeing the rules alone", style="bold"))
    names = {name: name for name in ("characteristic", "subgroup")}
    console.table(_table(found.subgroups, names, COUNTS))
    console.print()


def _table(rows: list[Row], names: dict[str, str], counts: dict[str, str]) -> Table:
    table = bare_table(*names.values(), no_wrap=True)
    for title in counts.values():
        table.add_column(title, justify="right")
    for row in rows:
        table.add_row(*(str(row[name]) for name in (*names, *counts)))
    return table


def _persons(rows: list[Row]) -> Table:
    table = bare_table("centre", "person", "move", "rank", "points", "proposed status", no_wrap=True)
    for row in rows:
        pairs = (
            _from_to(row[f"{name}_before"], row[f"{name}_after"]) for name in ("rank", "points", "proposed")
        )
        table.add_row(row["centre_id"], row["person_id"], row["move"], *pairs)
    return table


def _from_to(before: Any, after: Any) -> str:
    return f"{'–' if before is None else before} → {'–' if after is None else after}"
