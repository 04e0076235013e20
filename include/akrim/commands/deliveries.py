"""`akrim deliveries` and `akrim quarantine`: deliveries that came, rows that were set aside, and the reasons."""

import json
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from akrim import warehouse
from akrim.characters import neutral_name, visible
from akrim.commands.audit.consulting import ByOption, PurposeOption, log_consultation
from akrim.commands.output import Screen
from akrim.errors import UserError
from akrim.settings import get_settings

app = typer.Typer(invoke_without_command=True)

# Only sentences and rows may break; a number or a code broken over lines is not read.
WRAPPED_COLUMNS = ("extracts", "effect", "enter", "leave", "detail", "notes", "expectation", "raw", "place")
IMPACT = {
    "within": "made with it",
    "leaving": "made with it, and would be made without",
    "entering": "would be made with it",
    "outside": "made without it",
}
PROPOSED = ("proposed_fewestShare", "proposed_mostShare")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@app.callback()
def deliveries(
    context: typer.Context,
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None,
    period: Annotated[str | None, typer.Option(help="Only this period's, such as 2026-T1.")] = None,
    as_json: AsJson = False,
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
    _show(rows, columns, as_json, "No delivery has come. `akrim receive` or `akrim run` takes in an inbox.")


@app.command()
def show(
    delivery: Annotated[str, typer.Argument(help="An accepted delivery's id, such as nav-2026-T1-01.")],
    as_json: AsJson = False,
) -> None:
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
    _show(list_extracts(delivery), columns, as_json, "")


@app.command()
def confirm(
    delivery: Annotated[str, typer.Argument(help="An accepted delivery's id, such as nav-2026-T1-01.")],
    extract: Annotated[str, typer.Argument(help="One of its extracts, such as saker.")],
    by: Annotated[str, typer.Option("--by", help="Who decides it.")],
    reason: Annotated[str, typer.Option(help="Why, in plain words; nothing about any person.")],
) -> None:
    """Let an extract go that came empty, shrunken, swollen or unchanged and is right so, such as after asking the agency.

    It no longer holds a release, and the next run checks the rules that need it, as of that delivery's period.

    Example: akrim deliveries confirm nav-2026-T1-01 saker --by 'Kari Vakt' --reason 'NAV has closed them all'
    """
    from akrim.deliveries import confirm_extract

    warehouse.prepare()
    period = confirm_extract(delivery, extract, by, reason)
    Screen(soft_wrap=True).print(
        f"{neutral_name(extract)} of {neutral_name(delivery)} is confirmed. `akrim run --period {period}` assesses with it."
    )


@app.command()
def withdraw(
    delivery: Annotated[str, typer.Argument(help="An accepted delivery's id, such as nav-2026-T1-01.")],
    by: Annotated[str, typer.Option("--by", help="Who decides it.")],
    reason: Annotated[str, typer.Option(help="Why, in plain words; nothing about any person.")],
) -> None:
    """Take an accepted delivery out of force, such as one for the wrong period: the next run assesses without it.

    Nothing of it is deleted, and its files are not taken in again: a correction needs a new id.

    Example: akrim deliveries withdraw nav-2026-T1-01 --by 'Kari Vakt' --reason 'NAV delivered the wrong period'
    """
    from akrim.deliveries import withdraw as withdraw_delivery

    warehouse.prepare()
    period = withdraw_delivery(delivery, by, reason)
    Screen(soft_wrap=True).print(
        f"{neutral_name(delivery)} is withdrawn. `akrim run --period {period}` assesses without it."
    )


@app.command()
def replay(
    delivery: Annotated[str, typer.Argument(help="The id of a delivery, such as nav-2026-T1-01.")],
    by: Annotated[str, typer.Option("--by", help="Who decides it.")],
    reason: Annotated[str, typer.Option(help="Why, in plain words; nothing about any person.")],
    inbox: Annotated[
        str, typer.Option(help="Folder or address of the deliveries.  [default: AKRIM_INBOX]")
    ] = "",
) -> None:
    """Read a delivery again by the contract of today, so that rows which were set aside are loaded where they now pass.

    Its files must still lie in the inbox. What is accepted takes the place of the delivery, as nav-2026-T1-01~1, and the next run
    assesses with it; what was refused is looked at anew. Where the same rows are set aside, nothing changes.

    Example: akrim deliveries replay nav-2026-T1-01 --by 'Kari Vakt' --reason 'the contract had a wrong code list'
    """
    from akrim import orchestration

    outcome = orchestration.replay(delivery, by, reason, inbox)
    name = neutral_name(delivery)
    if outcome.status == "refused":
        raise UserError(
            f"{name} is not accepted so: {outcome.code}: {outcome.detail}",
            "meta.deliveries",
            "What stood before it stands. Mend the contract, or ask the agency to deliver anew.",
        )
    if outcome.status == "already_loaded":
        Screen().print(f"Nothing changes: the same rows of {name} are set aside.")
        return
    rows, aside = sum(outcome.loaded.values()), sum(outcome.quarantined.values())
    Screen(soft_wrap=True).print(
        f"{outcome.delivery_id} takes the place of {name}: {rows} rows loaded, {aside} set aside. The next `akrim run` assesses with it."
    )


@app.command()
def impact(
    delivery: Annotated[
        str, typer.Argument(help="An accepted delivery's id, also a withdrawn one's, such as nav-2026-T1-02.")
    ],
    as_json: AsJson = False,
) -> None:
    """Which releases in force a delivery is in, and which would be made otherwise because of it, such as by a late correction.

    Compared are the deliveries of its agency that each was made from with those that assessing its period anew would take.
    Nothing is changed: `akrim run --period` makes that period's next revision.

    Example: akrim deliveries impact nav-2025-T3-02
    """
    from akrim.insight import list_impact

    warehouse.prepare()
    columns = ("release_id", "effect", "would_change", "enter", "leave")
    rows = [row | {"effect": IMPACT[row["effect"]]} for row in list_impact(delivery)]
    _show(rows, (*columns, *(("period",) if as_json else ())), as_json, "No release is in force yet.")
    changed = [row["period"] for row in rows if row["would_change"]]
    if changed and not as_json:
        Screen(soft_wrap=True).print(f"`akrim run --period {changed[0]}` makes the first of them anew.")


@app.command()
def limits(
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None,
    as_json: AsJson = False,
) -> None:
    """How far each extract's rows have moved between deliveries, and limits of volume that would fit that.

    Proposed is as far again as the farthest move that was right, where at least three deliveries could be compared. Write it into the
    contract, if you agree: beyond fewestShare an extract is shrunken, beyond mostShare swollen, and a release is held.

    Example: akrim deliveries limits --agency nav
    """
    from akrim.insight import list_limits

    columns = ("agency", "extract", "compared", "least", "most", "fewestShare", "mostShare", *PROPOSED)
    _show(list_limits(agency), columns, as_json, "No extract has limits of volume.")


@app.command()
def docs(
    delivery: Annotated[str, typer.Argument(help="The id of a delivery whose rows were validated.")],
) -> None:
    """Build Great Expectations' Data Docs of a delivery: which expectations held, and how many rows broke the others.

    The pages need no network and say nothing of any row. They are made anew each time.

    Example: akrim deliveries docs nav-2026-T1-01
    """
    from akrim.deliveries.data_docs import build_data_docs

    warehouse.prepare()
    Screen(soft_wrap=True).print(str(build_data_docs(delivery)))


@app.command()
def receipt(
    delivery: Annotated[str, typer.Argument(help="A delivery's id, such as nav-2026-T1-01.")],
    again: Annotated[
        bool, typer.Option("--again", help="Also where it was sent before and says the same.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send the agency its receipt of a delivery, unless it has that one, and show where it lies in the outbox.

    Receiving does this by itself. The rows that were set aside are in it only where it is sealed for a key of the
    agency's: akrim keys add AGENCY recipient.txt

    Example: akrim deliveries receipt nav-2026-T1-01
    """
    from akrim.sending.agencies import send_receipts, sent_receipts

    warehouse.prepare()
    result = send_receipts(delivery_id=delivery, again=again)
    rows = sent_receipts(delivery)
    if not rows:
        raise UserError(
            f"No delivery {neutral_name(delivery)} came.",
            "meta.deliveries",
            "`akrim deliveries` shows what came.",
        )
    _show(rows, ("delivery_id", "status", "sent_at", "place"), as_json, "")
    if result.failed:
        raise UserError(
            "The receipt was not sent: " + "; ".join(result.failed.values()),
            get_settings().outbox_address,
            "Put it right, and try again: what was received stays.",
        )


def quarantine(
    delivery: Annotated[str | None, typer.Option(help="Only this delivery's rows.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only rows with this code, such as bad_date.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only this agency's rows.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many rows.")] = 100,
    show_rows: Annotated[
        bool, typer.Option("--rows", help="Show the rows as sent: they hold personal data.")
    ] = False,
    by: ByOption = "",
    purpose: PurposeOption = "",
    as_json: AsJson = False,
) -> None:
    """Rows that were set aside, each with the expectation that it failed.

    The rows themselves are shown only with --rows, and that they were is logged. Row numbers count records from 1, without the header.

    Example: akrim quarantine --delivery nav-2026-T1-01
    """
    from akrim.insight import SetAside, list_quarantined

    warehouse.prepare()
    rows = list_quarantined(SetAside(agency or "", delivery or "", reason=reason or ""), limit)
    if show_rows:
        log_consultation("quarantine", by=by, purpose=purpose, rows=len(rows))
    columns = (
        "delivery_id",
        "extract",
        "row_number",
        "reason",
        "expectation",
        *(("raw",) if show_rows else ()),
    )
    _show(rows, columns, as_json, "No row was set aside.")


def _show(rows: list[dict[str, Any]], columns: tuple[str, ...], as_json: bool, when_empty: str) -> None:
    if as_json:
        print(json.dumps([{name: row[name] for name in columns} for row in rows], default=str))
        return
    if not rows:
        Screen().print(when_empty)
        return
    table = Table(box=None, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name not in WRAPPED_COLUMNS)
    for row in rows:
        table.add_row(*(Text(visible(_cell(row[name]))) for name in columns))
    Screen().table(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
