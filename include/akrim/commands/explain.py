"""`akrim explain`: why some records are one person, and what is said of that person on which source rows.

A person id goes in, current or long since merged; out come the records and their links, each indicator that fired
with its sentence and evidence, and what speaks for the person. It reads tables only and judges nothing itself.
"""

import json
from typing import Annotated, Any

import psycopg
import typer
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table
from rich.text import Text

from akrim import warehouse
from akrim.errors import UserError
from akrim.settings import get_settings

Row = dict[str, Any]

RECORDS = """
    select links.source, links.extract, links.source_record_id, links.link_kind, links.match_weight,
        concat_ws(' ', records.given_name, records.middle_name, records.family_name) as name,
        records.birth_date::text as birth_date, records.source is not null as stands
    from linkage.person_records as links
    left join intermediate.person_records as records using (source, source_record_id)
    where links.person_id = %(person_id)s
    order by links.source, links.source_record_id
"""
ASSESSMENTS = """
    select centre_id, rank, intention_points, capacity_points, total_points, proposed_status, status,
        status_since::text as status_since
    from marts.assessments
    where release_id = %(release_id)s and person_id = %(person_id)s
    order by centre_id
"""
OBSERVATIONS = """
    select indicator_code, indicator_version, dimension, checked, value::float8 as value, points,
        explanation_nb, explanation_en, evidence
    from marts.indicator_observations
    where release_id = %(release_id)s and person_id = %(person_id)s
    order by points desc, dimension desc, indicator_code
"""
SPEAKS_FOR = """
    select case_number, offence_category_code, outcome_code, outcome_date::text as outcome_date
    from marts.offence_cases
    where release_id = %(release_id)s and person_id = %(person_id)s and speaks_for_person
    order by reported_date, case_number
"""
NEWEST_RELEASE = """
    select release_id from meta.releases where status = 'published' order by as_of desc, revision desc limit 1
"""


def explain(
    person_id: Annotated[
        str, typer.Argument(help="A person id, as it stands in a report; old ids are followed.")
    ],
    release_id: Annotated[
        str, typer.Option("--release", help="The release; the newest published one if none.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Show why records are one person, which indicators fired, and on which source rows.

    Use it before a decision, and when somebody contests one: every point leads back to an agency's own row.

    Example: akrim explain PWLZH2L6IA73S --json
    """
    warehouse.prepare()
    told = read_explanation(person_id, release_id)
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        _show(told, get_settings().language)


def read_explanation(person_id: str, release_id: str = "") -> Row:
    """Everything that `akrim explain` tells, as one JSON-ready dictionary."""
    with warehouse.connect() as connection:
        release = release_id or _newest_release(connection)
        standing = _rows(
            connection, "select linkage.resolve(%(person_id)s) as person_id", {"person_id": person_id}
        )
        keys = {"person_id": standing[0]["person_id"], "release_id": release}
        records = _rows(connection, RECORDS, keys)
        if not records:
            raise UserError(
                "No person has or had that id.",
                "akrim explain",
                "Take the id from a report, or from: akrim sql 'select person_id from marts_current.assessments'",
            )
        told = {
            "assessments": _rows(connection, ASSESSMENTS, keys),
            "observations": _rows(connection, OBSERVATIONS, keys),
            "speaks_for_person": _rows(connection, SPEAKS_FOR, keys),
        }
    return {
        "person_id": keys["person_id"],
        "asked_for": person_id,
        "release_id": release,
        "records": records,
        **told,
    }


def _newest_release(connection: psycopg.Connection) -> str:
    found = connection.execute(NEWEST_RELEASE).fetchone()
    if found is None:
        raise UserError(
            "No release is out yet.", "akrim explain", "Run: akrim run --inbox INBOX --period PERIOD"
        )
    return str(found[0])


def _rows(connection: psycopg.Connection, query: str, keys: Row) -> list[Row]:
    try:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), keys).fetchall()
    except psycopg.errors.UndefinedTable:
        raise UserError(
            "Nothing has been linked and assessed yet.",
            "akrim explain",
            "Run: akrim run --inbox INBOX --period PERIOD",
        ) from None


def _show(told: Row, language: str) -> None:
    console = Console()
    console.print(Text(f"{told['person_id']}  ({told['release_id']})", style="bold"))
    if told["asked_for"] != told["person_id"]:
        console.print(f"{told['asked_for']} has since been merged into this person.", style="dim")
    console.print(_records_table(told["records"]))
    for row in told["assessments"]:
        console.print(_assessment_line(row))
    _show_observations(console, told["observations"], language)
    for row in told["speaks_for_person"]:
        case = f"{row['case_number']} ({row['offence_category_code']}): {row['outcome_code']} {row['outcome_date'] or ''}"
        console.print(Text("Speaks for the person: " + case, style="green"))


def _records_table(records: list[Row]) -> Table:
    table = Table(title="Records that are this person", title_justify="left", box=None, header_style="bold")
    table.add_column("record", no_wrap=True)
    table.add_column("name", overflow="fold")
    for name in ("born", "linked by", "weight"):
        table.add_column(name, no_wrap=True, justify="right" if name == "weight" else "left")
    for row in records:
        record = f"{row['source']} {row['extract']} {row['source_record_id']}"
        name = row["name"] if row["stands"] else "(no longer delivered)"
        weight = "" if row["match_weight"] is None else f"{row['match_weight']:.1f}"
        table.add_row(*map(Text, (record, name, row["birth_date"] or "", row["link_kind"], weight)))
    return table


def _assessment_line(row: Row) -> Text:
    decided = (
        f", decided: {row['status']} since {row['status_since']}" if row["status"] else ", not decided on"
    )
    return Text(
        f"{row['centre_id']}: no. {row['rank']}, {row['total_points']} points"
        f" ({row['intention_points']} intention, {row['capacity_points']} capacity),"
        f" proposed: {row['proposed_status'] or 'none'}{decided}"
    )


def _show_observations(console: Console, observations: list[Row], language: str) -> None:
    console.print(Text("Indicators that fired", style="italic"))
    for row in observations:
        if row["checked"] == "fired":
            head = f"{row['points']:>4}  {row['indicator_code']} v{row['indicator_version']}"
            console.print(Text(head, style="bold"), Text(row[f"explanation_{language}"]))
            for item in row["evidence"]:
                line = (
                    f"      {item['agency']} {item['extract']} {item['source_row_id']}  {item['date'] or ''}"
                )
                console.print(Text(line, style="dim"))
    missing = [row["indicator_code"] for row in observations if row["checked"] == "unavailable"]
    if missing:
        console.print("Could not be checked: " + ", ".join(missing), style="yellow")
