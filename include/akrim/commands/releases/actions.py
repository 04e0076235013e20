"""`akrim releases approve`, `hold`, `recall`, `erase` and `deliver`: decisions on a release, each with a name and a reason."""

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from akrim.commands.audit.consulting import PersonArgument
from akrim.commands.deciding import By, Reason
from akrim.commands.output import Screen

if TYPE_CHECKING:
    from akrim.sending import SendingSummary

ReleaseId = Annotated[str, typer.Argument(help="A release's id, such as 2026-T1.1.")]


def approve(release: ReleaseId, by: By, reason: Reason) -> None:
    """Let a held release go, and publish and send it; nothing is computed again.

    `akrim releases show` says what would go out. With real data, or where every release waits (AKRIM_APPROVAL), not by whoever
    asked for the run, be it by name or from the same account.

    Example: akrim releases approve 2026-T2.1 --by 'Kari Vakt' --reason 'Oslo split its catchment in June'
    """
    from akrim import releases, sending, warehouse
    from akrim.orchestration import assessment_lock

    warehouse.prepare()
    with assessment_lock():
        releases.approve(release, by, reason, getpass.getuser())
        published = releases.publish(release)
    Screen(soft_wrap=True).item(f"Release {release}:", str(published.path), "bold")
    print_delivered(sending.deliver())


def hold(release: ReleaseId, by: By, reason: Reason) -> None:
    """Keep a release that is built, and not out yet, from going out until somebody lets it go (`akrim releases approve`).

    It stays held however often the period is run again. One that is out already is taken back: `akrim releases recall`.

    Example: akrim releases hold 2026-T2.1 --by 'Kari Vakt' --reason 'the check in full places records otherwise'
    """
    from akrim import releases, warehouse

    warehouse.prepare()
    releases.hold(release, by, reason)
    Screen().print(f"{release} is held until somebody lets it go: akrim releases approve {release}")


def recall(release: ReleaseId, by: By, reason: Reason) -> None:
    """Take a release back: each centre gets a signed notice, and its copy is refused from then on.

    Every centre reads the reason: nothing about any person may stand in it. The files stay. The exit code is 1 also where it is
    recalled and something else that is due did not arrive, such as the release that is in force then.

    Example: akrim releases recall 2026-T1.1 --by 'Kari Vakt' --reason 'NAV delivered the wrong period'
    """
    from akrim import releases, sending, warehouse

    warehouse.prepare()
    releases.recall(release, by, reason)
    Screen().print(f"{release} is recalled.")
    print_delivered(sending.deliver())


def erase(person: PersonArgument, by: By, reason: Reason) -> None:
    """Erase a person for good: what was delivered about her, her rows in the marts, and each part of a release that names her.

    First the agencies erase at their end and deliver the removals, and `akrim run` makes a release without the person.
    Each centre that was sent such a part is told to delete its copies, which are refused from then on. That something
    was erased, by whom and why stays; nothing else does, and nothing can be brought back.

    Example: akrim releases erase PABC123 --by 'Kari Vakt' --reason 'Sletting krevd etter personopplysningsloven'
    """
    from akrim import sending, warehouse
    from akrim.orchestration import assessment_lock
    from akrim.releases import erase_person

    if sys.stdin.isatty():
        typer.confirm(f"Erase {person} for good?", abort=True)
    warehouse.prepare()
    with assessment_lock():
        erased = erase_person(person, by, reason)
    gone = ", ".join(f"{release} of {' and '.join(centres)}" for release, centres in erased.parts.items())
    Screen().print(f"Erased {erased.rows} delivered rows, and {gone or 'no part of a release'}.")
    for release, centres in erased.pending.items():
        Screen(soft_wrap=True).item(
            "pending",
            f"{release} of {' and '.join(centres)} is in force and tells what became of the id; it goes when another is in force.",
        )
    print_delivered(sending.deliver())


def deliver(
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Also what was sent before, such as after a loss; the mirror is compared by content.",
        ),
    ] = False,
) -> None:
    """Send what is in force to every centre that has not got it, keep the mirror, and read the receipts that came back.

    Airflow does this after each release and every hour.

    Example: akrim releases deliver
    """
    from akrim import releases, sending, warehouse

    warehouse.prepare()
    releases.renew_catalogue()
    delivered = sending.deliver(again=again)
    if not delivered.sent:
        Screen().print("No release was sent anew.")
    print_delivered(delivered)


def print_delivered(summary: "SendingSummary") -> None:
    """Print what was sent and what is missing; raises UserError if something did not arrive."""
    from akrim.settings import get_settings

    console = Screen(soft_wrap=True)
    for release_id, centres in summary.sent.items():
        console.print(f"sent {release_id} to {', '.join(centres)}: {get_settings().outbox_address}")
    if summary.mirrored:
        console.print(f"mirrored {', '.join(summary.mirrored)}: {get_settings().releases_mirror}")
    for centre, cases in summary.dispute_notices.items():
        console.print(f"told {centre} what is disputed: {', '.join(cases)}")
    print_without_keys(summary.without_keys, console)
    for problem in summary.bad_receipts:
        console.item("receipt", problem)
    for late in summary.missing_receipts:
        console.item("no receipt", f"{late['release_id']} from {late['centre_id']} after {late['days']} days")
    summary.require_all()


def print_without_keys(recipients: list[str], console: Screen) -> None:
    """Print whom nothing could be sealed for, and what to do; nothing where everybody has a key."""
    if recipients:
        told = "`akrim keys add` takes one, and `akrim releases deliver` sends the release then"
        console.item("no key, not sent", f"{', '.join(recipients)}; {told}")
