"""`akrim rules what-if`: who would enter, leave or change status if the rules were others, before anything is adopted."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from akrim.commands.audit.consulting import ByOption, PurposeOption
from akrim.commands.output import Screen
from akrim.errors import UserError

if TYPE_CHECKING:
    from akrim.ledger import Pins

Row = dict[str, Any]
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
    release: Annotated[str, typer.Option(help="A release.  [default: the newest published]")] = "",
    show_persons: Annotated[
        bool, typer.Option("--persons", help="Also each person who would move, by id; it is logged.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    by: ByOption = "",
    purpose: PurposeOption = "",
) -> None:
    """Assess a release by other rules and show who would enter, leave or change status, by centre and subgroup.

    Nothing is changed or published. Both sides are assessed by the rules of today, so that the numbers given here are the only
    difference. --set takes RULE.NUMBER=VALUE (threshold, points, step_size, step_points, cap, look_back) or
    SEED.ROW.COLUMN=VALUE, such as event_caps.bankruptcy.first_points=20; --file takes the place of the file of that name.

    Example: akrim rules what-if --set serial_bankruptcy.points=12
    """
    from akrim import changes, ledger, warehouse
    from akrim.rules import compile_rules, compile_variant
    from akrim.settings import get_settings

    if not settings and not files:
        raise UserError("Nothing is changed.", "--set", "Give --set or --file, each as often as needed.")
    warehouse.prepare()
    pins = ledger.load(release or _newest())
    project = get_settings().project_root / "dbt_project"
    otherwise = compile_variant(project, pins.variables, settings or [], files or [])
    found = changes.what_if(pins.release_id, compile_rules(project, pins.variables), otherwise)
    if show_persons:
        _log({row["person_id"] for row in found.persons}, by, purpose)
    if as_json:
        shown = found._asdict() if show_persons else {"centres": found.centres, "subgroups": found.subgroups}
        print(json.dumps({"release_id": pins.release_id, **shown}, ensure_ascii=False, indent=2))
    else:
        _show_counts(pins, found.centres, found.subgroups)
        if show_persons:
            Screen().table(_persons(found.persons))


def _newest() -> str:
    from akrim import ledger, warehouse

    with warehouse.connect() as connection:
        release_id, _ = ledger.last_published(connection)
    if release_id is None:
        raise UserError("Nothing has been published yet.", "akrim rules", "`akrim run` makes a release.")
    return release_id


def _log(persons: set[str], by: str, purpose: str) -> None:
    """The consultation of everybody who is shown."""
    from akrim import audit, warehouse

    with warehouse.connect() as connection:
        told = {"command": "rules what-if"}
        audit.record(connection, audit.Event("consultation", by, purpose, detail=told, persons=persons))


def _show_counts(pins: "Pins", centres: list[Row], subgroups: list[Row]) -> None:
    from akrim.rules import rules_digest

    console = Screen()
    console.print()
    console.print(Text(f"Release {pins.release_id}, if the rules were others", style="bold"))
    if pins.inputs.get("rules") != rules_digest():
        console.item("Note:", "the release was made by earlier rules; both sides here are by today's.")
    console.table(_counts(centres, ["centre_id"]))
    console.print()
    console.print(Text("By subgroup, for overseeing the rules alone", style="bold"))
    console.table(_counts(subgroups, ["characteristic", "subgroup"]))
    console.print()


def _counts(rows: list[Row], keys: list[str]) -> Table:
    table = Table(box=None, header_style="bold")
    for key in keys:
        table.add_column(key.removesuffix("_id"), no_wrap=True)
    for name in COUNTS.values():
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(row[key] for key in keys), *(str(row[name]) for name in COUNTS))
    return table


def _persons(rows: list[Row]) -> Table:
    table = Table(box=None, header_style="bold")
    for name in ("centre", "person", "move", "rank", "points", "proposed status"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        pairs = (
            _from_to(row[f"{name}_before"], row[f"{name}_after"]) for name in ("rank", "points", "proposed")
        )
        table.add_row(row["centre_id"], row["person_id"], row["move"], *pairs)
    return table


def _from_to(before: Any, after: Any) -> str:
    return f"{'–' if before is None else before} → {'–' if after is None else after}"
