"""`akrim retention`: shows each category's limit and what is past it, removes that, and holds what must stay."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from akrim.commands.audit.consulting import ByOption, PurposeOption, person_id
from akrim.commands.days import day
from akrim.commands.deciding import By
from akrim.commands.output import JsonOption, Screen, bare_table, print_json
from akrim.errors import UserError

if TYPE_CHECKING:
    from akrim.expiry import CategoryState

app = typer.Typer(
    no_args_is_help=True,
    help="How long each category of data is kept, what is past its limit, and what is held beyond it.",
)


Kind = Literal["person", "delivery", "release"]
KindArgument = Annotated[Kind, typer.Argument(help="What kind of thing it is.")]
IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A person's id, as a report has it, a delivery's or a release's.")
]
ReasonOption = Annotated[str, typer.Option(help="Why, such as a case's number; nothing about any person.")]
AtOption = Annotated[
    date | None, typer.Option("--at", parser=day, help="The day to look from.  [default: today]")
]


# No date that is delivered lies before; what is counted back from a day has to be one, too.
EARLIEST = 1900
NOTHING_DUE = "Nothing is past its limit that may go."


@app.command()
def show(
    at: AtOption = None, by: ByOption = "", purpose: PurposeOption = "", as_json: JsonOption = False
) -> None:
    """Each category with its limit, its oldest, how much is past the limit, and why what is past it stays; and what is held.

    Whoever is shown to be held is logged as looked at.

    Example: akrim retention show
    """
    from akrim import audit, warehouse
    from akrim.deliveries import removal
    from akrim.expiry import survey, told_unlimited
    from akrim.retention import current_holds

    warehouse.prepare()
    with warehouse.connect() as connection:
        states = survey(connection, _day(at))
        holds = current_holds(connection)
        without_contract = removal.listing.without_contract(connection)
        unlimited = told_unlimited(connection)
    if persons := [hold.held_id for hold in holds if hold.kind == "person"]:
        audit.log_consultation("retention show", by, purpose, persons, holds=len(holds))
    if as_json:
        told = {
            "categories": [_as_json(state) for state in states],
            "holds": [asdict(hold) for hold in holds],
            "without_contract": without_contract,
        }
        print_json(told)
        return
    _print(states)
    if unlimited:
        Screen(soft_wrap=True).item("mind", unlimited, "yellow")
    for hold in holds:
        Screen(soft_wrap=True).item("held", str(hold))


@app.command()
def apply(
    by: Annotated[str, typer.Option("--by", help="Who has it done; as the daily job if none.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")
    ] = False,
) -> None:
    """Remove what is past its limit, unless something in force rests on it or it is held; nothing can be brought back.

    Airflow does this every day. It waits for a running assessment to end, and so does a dry run, which removes rows and undoes
    that. Each removal is logged, and each centre whose part of an old release goes is told to delete its copies, with all else that
    is to be sent. Killed at any point, the next time does what is left.

    Example: akrim retention apply --dry-run
    """
    from akrim import expiry, warehouse
    from akrim.orchestration import assessment_lock
    from akrim.orchestration.airflow import clean_metadata
    from akrim.periods import today

    warehouse.prepare()
    console = Screen(soft_wrap=True)
    with assessment_lock():
        removed = (
            expiry.rehearse_limits(today()) if dry_run else expiry.apply_limits(today(), by or expiry.BY)
        )
    for removal in removed:
        held = f"; {removal.held} are held" if removal.held else ""
        console.item(
            "would go" if dry_run else "removed", f"{removal.category}: {removal.name}, {removal.rows}{held}"
        )
    if not removed:
        console.print(NOTHING_DUE)
    if not dry_run:
        clean_metadata(expiry.cut_off("logs", today()))
        _tell_centres()


@app.command()
def hold(kind: KindArgument, held_id: IdArgument, by: By, reason: ReasonOption) -> None:
    """Hold a person, a delivery or a release: neither its limit nor an erasure removes it until it is let go.

    Example: akrim retention hold person PWLZH2L6IA73S --by 'Kari Vakt' --reason 'innsyn 2026-14'
    """
    _record(kind, held_id, "opened", by, reason)
    Screen(soft_wrap=True).print(f"The {kind} {held_id} is held.")


@app.command()
def release(kind: KindArgument, held_id: IdArgument, by: By, reason: ReasonOption) -> None:
    """Let something go that is held; what is past its limit goes with the next daily job.

    Example: akrim retention release person PWLZH2L6IA73S --by 'Kari Vakt' --reason 'innsyn 2026-14 er svart på'
    """
    _record(kind, held_id, "released", by, reason)
    Screen(soft_wrap=True).print(f"The {kind} {held_id} is held no more.")


def _record(kind: Kind, held_id: str, event: Literal["opened", "released"], by: str, reason: str) -> None:
    from akrim import warehouse
    from akrim.retention import record_hold

    warehouse.prepare()
    record_hold(kind, person_id(held_id) if kind == "person" else held_id, event, by, reason)


def _day(at: date | None) -> date:
    from akrim.periods import today

    if at and at.year < EARLIEST:
        raise UserError("Nothing is that old.", "--at", f"Name a day from {EARLIEST} on.")
    return at or today()


def _tell_centres() -> None:
    """Whatever was removed just now: a part may have gone the last time, which was killed before its centre was told."""
    from akrim import sending
    from akrim.commands.releases.actions import print_delivered

    print_delivered(sending.deliver())


def _print(states: list["CategoryState"]) -> None:
    headers = ("category", "kept", "from", "oldest", "rows", "past it", "due", "past it and staying, because")
    table = bare_table(*headers, overflow="fold")
    for state in states:
        table.add_row(
            state.limit.category,
            state.limit.keep,
            state.limit.counted_from,
            str(state.oldest or ""),
            str(state.rows),
            str(sum(unit.rows for unit in state.past)),
            str(sum(unit.rows for unit in state.due)),
            "; ".join(f"{rows}: {why}" for why, rows in state.staying.items()),
        )
    Screen().table(table)


def _as_json(state: "CategoryState") -> dict[str, Any]:
    return {
        **asdict(state.limit),
        "cut_off": state.cut_off.isoformat(),
        "oldest": state.oldest.isoformat() if state.oldest else None,
        "rows": state.rows,
        "past": sum(unit.rows for unit in state.past),
        "due": [{"name": unit.name, "day": unit.day.isoformat(), "rows": unit.rows} for unit in state.due],
        "staying": state.staying,
    }
