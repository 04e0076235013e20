"""All that is known of why records are one person, and of what the rules found: what `akrim explain` shows."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import psycopg

from akrim import audit, ledger, linkage, warehouse
from akrim.errors import UserError
from akrim.insight.persons import require_newest_release
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


OF_RELEASE = {"assessments": ASSESSMENTS, "observations": OBSERVATIONS, "speaks_for_person": SPEAKS_FOR}


def read_explanation(  # noqa: PLR0913  # who looks, at what, and why: the fields of an event
    person_id: str,
    release_id: str,
    language: Language,
    by: str,
    purpose: str,
    others: Collection[str] = (),
    *,
    shows_near: bool = False,
) -> Row:
    """All that `akrim explain` shows, as one JSON-ready dictionary; logs who looks, and why.

    Args:
        others: whom the same page names besides, to be logged with the person.
        shows_near: whether who came near is shown, and not only how many: they are logged, too.

    Records and steps are those of `linked_last`, the release whose persons were linked last, whichever release is asked for.

    Raises UserError where there is no such person or release.
    """
    with _once_assessed():
        linked = asdict(linkage.explain(person_id, language))
    near = {miss["other_person_id"] for miss in linked["near_misses"]} if shows_near else set()
    with warehouse.connect() as connection:
        release = _release(connection, release_id)
        keys = {"person_id": linked["person_id"], "release_id": release}
        records = _rows(connection, RECORDS, keys)
        marts = {part: _rows(connection, query, keys) for part, query in OF_RELEASE.items()}
        detail, persons = {"command": "explain"}, {linked["person_id"], *near, *others}
        event = audit.Event("consultation", by, purpose, release_id=release, detail=detail, persons=persons)
        audit.record(connection, event)
    return {
        "person_id": keys["person_id"],
        "asked_for": person_id,
        "release_id": release,
        "linked_last": linked["linked_last"],
        "records": records,
        **{part: linked[part] for part in ("steps", "near_misses", "persons_near", "history")},
        **marts,
    }


def _release(connection: psycopg.Connection, release_id: str) -> str:
    """The release that is asked for; without one the newest that is out."""
    if release_id:
        return ledger.load(release_id).release_id
    return require_newest_release(connection, "akrim explain")


def _rows(connection: psycopg.Connection, query: str, keys: Row) -> list[Row]:
    with _once_assessed():
        return warehouse.read_rows(connection, query.encode(), keys)


@contextmanager
def _once_assessed() -> Iterator[None]:
    """Tells in words that what is read here is made by the first assessment."""
    try:
        yield
    except psycopg.errors.UndefinedTable:
        raise UserError(
            "Nothing has been linked and assessed yet.",
            "akrim explain",
            "Run: akrim run --inbox INBOX --period PERIOD",
        ) from None
