"""`akrim situation`: the situation table, M1 to M9, for any window of years."""

import re
import sys
from datetime import date
from typing import Annotated, Any, Literal

import typer
from rich.table import Table
from rich.text import Text

from akrim import warehouse
from akrim.commands.languages import LanguageOption
from akrim.commands.options import require_at_most_one, rows_of
from akrim.commands.output import JsonOption, Screen, bare_table, print_json, write_csv
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.texts import Language, labels, texts

Row = dict[str, Any]
DASH = "\u2013"
SPAN = re.compile(r"(\d{4})(?:\.\.(\d{4}))?")


def situation(
    window: Annotated[
        str, typer.Option(help="Calendar years, such as 2014..2019 or 2019.  [default: the release's six]")
    ] = "",
    base: Annotated[
        Literal["all", "threat-actors"], typer.Option(help="Whom M4 to M9 are counted over.")
    ] = "all",
    release: Annotated[str, typer.Option(help="A release.  [default: the newest published]")] = "",
    centre: Annotated[str, typer.Option(help="One centre, or `national`.  [default: every one]")] = "",
    language: LanguageOption = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """The situation table: actors, inspections, reports, cases and bankruptcies, national and per centre.

    Counts distinct persons and distinct cases, with what they are a part of. The same for any window as the mart
    situation_measures has for the six newest closed years.

    Example: akrim situation --window 2014..2019 --base all
    """
    from akrim.insight import read_situation

    require_at_most_one("--json, --csv", "forms", [as_json, as_csv], "Give one of them.")
    warehouse.prepare()
    chosen = language or get_settings().language
    release_id, window_from, window_to = _window(release, window)
    rows = read_situation(release_id, window_from, window_to, base.replace("-", "_"))
    if centre:
        rows = rows_of(rows, "scope", "centre", centre)
    if as_json:
        print_json(_records(rows, release_id, window_from, window_to))
    elif as_csv:
        _print_csv(rows, release_id, window_from, window_to)
    else:
        _show(rows, chosen, f"{window_from.year}\u2013{window_to.year}", release_id)


def _window(release: str, window: str) -> tuple[str, date, date]:
    """The release and the window's first and last day; by default the newest release and its own window."""
    from akrim.insight import assessed_window

    release_id, window_from, window_to = assessed_window(release)
    return (release_id, *_years(window)) if window else (release_id, window_from, window_to)


def _years(window: str) -> tuple[date, date]:
    years = SPAN.fullmatch(window)
    first, last = (int(years[1]), int(years[2] or years[1])) if years else (1, 0)
    if last < first or first < date.min.year:
        raise UserError(
            f"{window} is no window of years.", "--window", "Give two years, such as 2014..2019, or one."
        )
    return date(first, 1, 1), date(last, 12, 31)


def _records(rows: list[Row], release_id: str, window_from: date, window_to: date) -> list[Row]:
    about = {"release_id": release_id, "window_from": str(window_from), "window_to": str(window_to)}
    return [about | row for row in rows]


def _print_csv(rows: list[Row], *about: Any) -> None:
    records = _records(rows, *about)
    write_csv(sys.stdout, list(records[0]), (record.values() for record in records))


def _show(rows: list[Row], language: Language, window: str, release_id: str) -> None:
    from akrim.rules import read_seed, said_of  # which a centre's base install cannot

    words, console = texts(language, "messages")["situation"], Screen()
    scopes = list(dict.fromkeys(row["scope"] for row in rows))
    console.print()
    console.print(Text(words["title"].format(window=window, release_id=release_id), style="bold"))
    console.print(Text(words[rows[0]["base"]], style="dim"))
    first = [row for row in rows if row["scope"] == scopes[0]]
    console.table(_one_scope(first, language))
    if scopes[1:]:
        console.print()
        console.table(_each_scope(rows, scopes[1:], language))
    if not any(row["numerator"] for row in rows if row["measure"] == "M1"):
        console.print(Text(words["nobody"], style="yellow"))
    if any(row["numerator"] is None for row in rows):
        console.print(Text(words["not_counted"], style="yellow"))
    console.print(Text(f"\n{words['definitions']}", style="bold"))
    published = {row["measure"]: row for row in read_seed("measures")}
    for row in first:
        version = f" ({words['version']} {row['definition_version']})"
        console.print(
            Text.assemble(
                (row["measure"], "bold"),
                f"  {said_of('measure_definition', published[row['measure']], language)}",
                (version, "dim"),
            )
        )


def _one_scope(rows: list[Row], language: Language) -> Table:
    words = texts(language, "messages")["situation"]
    table = bare_table(title=_named(rows[0]["scope"], language), title_justify="left")
    table.add_column("", no_wrap=True)
    table.add_column(words["measure"])
    table.add_column(words["value"], justify="right", no_wrap=True)
    table.add_column(words["counted"], justify="right", no_wrap=True, style="dim")
    for row in rows:
        table.add_row(
            row["measure"],
            labels(language)["measure", row["measure"]],
            Text(_value(row), style="bold"),
            _counted(row, words["of"]),
        )
    return table


def _each_scope(rows: list[Row], scopes: list[str], language: Language) -> Table:
    """One row per centre, one column per measure, with the counts behind each share."""
    measures = list(dict.fromkeys(row["measure"] for row in rows))
    cells = {(row["scope"], row["measure"]): row for row in rows}
    table = bare_table(texts(language, "messages")["situation"]["scope"], no_wrap=True)
    for measure in measures:
        table.add_column(measure, justify="right", no_wrap=True)
    for scope in scopes:
        shown = [cells[scope, measure] for measure in measures]
        table.add_row(_named(scope, language), *(_cell(row) for row in shown))
    return table


def _cell(row: Row) -> Text:
    is_share = row["unit"] == "per_cent" and row["numerator"] is not None
    return Text.assemble(
        _value(row), (f" {row['numerator']}/{row['denominator']}" if is_share else "", "dim")
    )


def _value(row: Row) -> str:
    if row["value"] is None:
        return DASH
    number = f"{row['value']:,}".replace(",", " ")
    return f"{number} %" if row["unit"] == "per_cent" else number


def _counted(row: Row, word: str) -> str:
    if row["numerator"] is None:
        return DASH
    return (
        str(row["numerator"])
        if row["denominator"] is None
        else f"{row['numerator']} {word} {row['denominator']}"
    )


def _named(scope: str, language: Language) -> str:
    return texts(language, "messages")["situation"]["national"] if scope == "national" else scope
