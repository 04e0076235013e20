"""`akrim explain`: why these records are one person, and on which source rows each observation rests.

It takes a person id, current or merged since, and shows the records and their links, each indicator that fired with its
sentence and evidence, and what speaks for the person. It changes nothing, and logs that somebody looked.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import psycopg
import typer
from psycopg.rows import dict_row

from akrim import audit, warehouse
from akrim.commands.audit.consulting import ByOption, PurposeOption
from akrim.commands.explain.explain_page import show
from akrim.commands.languages import LanguageOption
from akrim.commands.output import visible_within
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.texts import Language

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
NEWEST_RELEASE = "select release_id from marts.releases where is_newest"


def explain(
    person_id: Annotated[
        str, typer.Argument(help="A person id, as it stands in a report; old ids are followed.")
    ],
    release_id: Annotated[
        str, typer.Option("--release", help="The release; the newest published one if none.")
    ] = "",
    language: LanguageOption = None,
    by: ByOption = "",
    purpose: PurposeOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Show how records became one person, who came near, which indicators fired, and on which source rows.

    Use it before a decision, and when somebody contests one: every point leads back to an agency's own row. That you looked
    is logged.

    Example: akrim explain PWLZH2L6IA73S --purpose 'objection 2026-14'
    """
    warehouse.prepare()
    chosen = language or get_settings().language
    explanation = read_explanation(person_id, release_id, chosen, by, purpose)
    if as_json:
        print(json.dumps(explanation))
    else:
        show(visible_within(explanation), chosen)


def read_explanation(
    person_id: str,
    release_id: str = "",
    language: Language = "nb",
    by: str = "",
    purpose: str = "",
) -> Row:
    """All that `akrim explain` shows, as one JSON-ready dictionary; logs who looks, and why."""
    from akrim import linkage

    linked = asdict(_guarded(lambda: linkage.explain(person_id, language)))
    with warehouse.connect() as connection:
        release = release_id or _newest_release(connection)
        keys = {"person_id": linked["person_id"], "release_id": release}
        records = _rows(connection, RECORDS, keys)
        marts = {
            "assessments": _rows(connection, ASSESSMENTS, keys),
            "observations": _rows(connection, OBSERVATIONS, keys),
            "speaks_for_person": _rows(connection, SPEAKS_FOR, keys),
        }
        told = {"command": "explain"}
        audit.record(
            connection,
            audit.Event(
                "consultation", by, purpose, release_id=release, detail=told, persons=[linked["person_id"]]
            ),
        )
    return {
        "person_id": keys["person_id"],
        "asked_for": person_id,
        "release_id": release,
        "records": records,
        "steps": linked["steps"],
        "near_misses": linked["near_misses"],
        "history": linked["history"],
        **marts,
    }


def _newest_release(connection: psycopg.Connection) -> str:
    found = connection.execute(NEWEST_RELEASE).fetchone()
    if found is None:
        raise UserError(
            "No release is out yet.", "akrim explain", "Run: akrim run --inbox INBOX --period PERIOD"
        )
    return str(found[0])


def _rows(connection: psycopg.Connection, query: str, keys: Row) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return _guarded(lambda: cursor.execute(query.encode(), keys).fetchall())


def _guarded(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except psycopg.errors.UndefinedTable:
        raise UserError(
            "Nothing has been linked and assessed yet.",
            "akrim explain",
            "Run: akrim run --inbox INBOX --period PERIOD",
        ) from None
