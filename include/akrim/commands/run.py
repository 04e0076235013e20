"""`akrim run`: runs the whole pipeline once, in this process, with the DAGs that Airflow schedules."""

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from akrim.commands.output import JsonOption, Screen, print_json
from akrim.errors import UserError
from akrim.periods import Period

if TYPE_CHECKING:
    from akrim.orchestration.local import RunOutcome


def run(
    period: Annotated[str, typer.Option(help="The tertial to assess, such as 2026-T1.")],
    inbox: Annotated[
        str,
        typer.Option(help="Folder or address (s3://…, sftp://…) of the deliveries.  [default: AKRIM_INBOX]"),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Receive everything new, assess one period and publish a release for each centre.

    A delivery that is refused does not stop the others: the summary names it, `akrim deliveries` says why, and the
    exit code is 0 as long as a release is out, whether or not there are keys to send it to every centre. Inputs that a
    release was already made from give no new one.

    Example: akrim run --inbox inbox --period 2026-T1
    """
    from akrim.orchestration import local

    chosen = Period.parse(period)
    outcome = local.run(inbox, chosen)
    if as_json:
        print_json(outcome.as_json())
    else:
        _print_outcome(outcome, Screen(soft_wrap=True))
    if outcome.release_id is None:
        reason = next(reversed(outcome.failures.values()), "nothing was assessed")
        raise UserError(
            f"No release for {chosen}: {reason}",
            "" if "where:" in reason else str(outcome.log),
            "" if "next:" in reason else "Put it right and run again: nothing done is lost.",
        )


def _print_outcome(outcome: "RunOutcome", console: Screen) -> None:
    from akrim import ledger
    from akrim.commands.releases.actions import print_without_keys
    from akrim.sending import missing_receipts

    _print_failures(outcome, console)
    for refused in outcome.refused:
        console.item("refused", f"{refused['delivery_id']}: {refused['code']}: {refused['detail']}")
    if outcome.already_loaded:
        shown = (
            outcome.already_loaded
            if len(outcome.already_loaded) < 4
            else [f"{len(outcome.already_loaded)} deliveries"]
        )
        console.item("already loaded", ", ".join(shown), "dim")
    if outcome.quarantined:
        _print_set_aside(outcome.quarantined, console)
    # Without a release nothing is asked of the database: what ended the run may be that it does not answer, or holds no table yet.
    if outcome.release_id is not None:
        for late in missing_receipts():
            told = f"{late['release_id']} from {late['centre_id']} after {late['days']} days"
            console.item("no receipt", told)
        state = ":" if outcome.new else " was out before; nothing has changed:"
        console.item(f"Release {outcome.release_id}{state}", str(outcome.path), "bold")
        folders = ledger.require_files(outcome.release_id).iterdir()
        for centre in sorted(folder.name for folder in folders if folder.is_dir()):
            console.print(f"  {outcome.path / centre / 'assessment.html'}")
        print_without_keys(outcome.without_keys, console)


def _print_set_aside(quarantined: dict[str, int], console: Screen) -> None:
    console.item("set aside", "rows, of all deliveries in the inbox (see `akrim quarantine`):")
    for agency, rows in groupby(sorted(quarantined.items()), lambda row: row[0].partition("/")[0]):
        counts = [f"{count} of {extract.partition('/')[2]}" for extract, count in rows]
        console.print(f"  {agency}: {', '.join(counts)}")


def _print_failures(outcome: "RunOutcome", console: Screen) -> None:
    failed_by: dict[str, list[str]] = {}
    for dag_id, failure in outcome.failures.items():
        failed_by.setdefault(failure, []).append(dag_id)
    if outcome.release_id is None and failed_by:
        del failed_by[list(outcome.failures.values())[-1]]  # the error itself ends with it
    for failure, dag_ids in failed_by.items():
        console.item("failed", f"{', '.join(dag_ids)}: {failure}", "red")
    if outcome.failures:
        console.item("log", str(outcome.log), "dim")
