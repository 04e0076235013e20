"""`akrim corrections`: disputes of facts, links and identities, which are left out until they are settled."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from akrim.commands.audit.consulting import ByOption, PurposeOption, person_id
from akrim.commands.days import day
from akrim.commands.output import JsonOption, Screen, bare_table, print_json
from akrim.errors import UserError

if TYPE_CHECKING:
    from akrim.corrections import Dispute

app = typer.Typer(
    no_args_is_help=True,
    help="Correction cases: dispute a fact, a link or an identity, list the cases, close them.",
)


AuthorOption = Annotated[str, typer.Option(help="Who enters it, such as initials.")]


@app.command("open")
def open_one(
    fact: Annotated[
        str, typer.Argument(help="agency/extract/key of the delivered row, as `akrim explain` shows it.")
    ],
    by: Annotated[
        Literal["person", "agency", "centre", "supervision"],
        typer.Option(help="In which role it is disputed; no name is kept."),
    ],
    since: Annotated[date, typer.Option(parser=day, help="The day on which it was disputed.")],
    reason: Annotated[
        str, typer.Option(help="What is wrong. Every centre that had the fact reads it: no names.")
    ],
    author: AuthorOption,
    link: Annotated[
        str,
        typer.Option(
            help="Dispute that the record is the same person as this one: source/id.", show_default=False
        ),
    ] = "",
    person: Annotated[
        str,
        typer.Option(
            help="Who disputes a row that concerns others too: a person id, or source/id of a record. For this person alone it"
            " is left out.",
            show_default=False,
            callback=person_id,
        ),
    ] = "",
    identity: Annotated[
        bool,
        typer.Option(
            "--identity", help="Dispute that the record is of the person it was joined with at all."
        ),
    ] = False,
) -> None:
    """Open a case: from the next release on the fact counts for nothing for who disputes it, or the records are kept apart.

    A row about one person alone implies who that is. A police case with several suspects, an inspection or anything else about
    an enterprise does not: --person says it, and for all others the fact goes on counting.

    The centres that have it in a release in force are told at once, by a sealed notice in their outbox; how it ended they
    read in the next release, in corrections.json and in the report.

    Example: akrim corrections open politiet/saker/14872-24 --person P0123456789AB --by person --since 2026-05-12 --reason "Wrong person." --author kn
    """
    from akrim.commands.releases.actions import print_delivered
    from akrim.corrections import open_case
    from akrim.periods import today
    from akrim.sending import deliver

    row = _parts(fact)
    if since > today():
        raise UserError(
            "That day is to come.", f"--since {since:%Y-%m-%d}", "Give the day on which it was disputed."
        )
    dispute = _dispute(row, link, person, of_identity=identity)
    case_id = open_case(dispute, by, since, reason, author)
    Screen().print(f"Case {case_id} is open. The next `akrim run` makes a release that follows it.")
    print_delivered(deliver())


@app.command("list")
def list_cases(by: ByOption = "", purpose: PurposeOption = "", as_json: JsonOption = False) -> None:
    """Every case and where it stands.

    Example: akrim corrections list
    """
    from akrim import audit, warehouse
    from akrim.corrections import cases, records_shown

    warehouse.prepare()
    with warehouse.connect() as connection:
        found = cases(connection)
    shown = {record for case in found for record in records_shown(case)}
    audit.log_consultation("corrections list", by, purpose, records=shown, cases=len(found))
    if as_json:
        print_json(found)
        return
    table = bare_table("case", "state", "what", "disputed by", "since", "reason")
    for case in found:
        what = f"{case['kind']} {case['agency']}/{case['extract']}/{case['source_row_id']}"
        table.add_row(
            case["case_id"], case["state"], what, case["disputed_by"], case["disputed_since"], case["reason"]
        )
    Screen().table(table, "No case yet. `akrim corrections open` opens one.")


@app.command("close")
def close_one(
    case_id: Annotated[str, typer.Argument(help="The case, such as K-2026-001.")],
    outcome: Annotated[
        Literal["upheld", "rejected"], typer.Option(help="upheld: it stays out. rejected: it counts again.")
    ],
    reason: Annotated[str, typer.Option(help="Why; every centre that had the fact reads it.")],
    author: AuthorOption,
) -> None:
    """Settle a case; it takes effect with the next release.

    Example: akrim corrections close K-2026-001 --outcome rejected --reason "Checked against the file." --author kn
    """
    from akrim.corrections import close_case

    close_case(case_id, outcome, reason, author)
    Screen().print(f"Case {case_id} is {outcome}. `akrim run` makes a release by it.")


def _dispute(row: tuple[str, str, str], link: str, person: str, *, of_identity: bool) -> "Dispute":
    """What is disputed of a row, by the options; raises UserError where they do not go together."""
    from akrim.corrections import Dispute, DisputeKind
    from akrim.linkage.review import RecordKey

    if link and of_identity:
        raise UserError("Dispute one link or the identity.", "--link, --identity", "Give one of them.")
    kind: DisputeKind = "link" if link else "identity" if of_identity else "fact"
    other = RecordKey.parse(link) if link else None
    if person and kind != "fact":
        raise UserError("A link or an identity has its person by itself.", "--person", "Leave it out.")
    return Dispute(kind, *row, other, person)


def _parts(fact: str) -> tuple[str, str, str]:
    agency, _, rest = fact.partition("/")
    extract, _, key = rest.partition("/")
    if not (agency and extract and key):
        raise UserError(
            f"{fact!r} names no delivered row.",
            "fact",
            "Write agency/extract/key as `akrim explain` shows it.",
        )
    return agency, extract, key
