"""Persons on the centres' lists: found by name, id or organisation number, and what became of one over the releases."""

import re
from collections.abc import Collection
from typing import Any

import psycopg
from psycopg.rows import dict_row

from akrim import warehouse
from akrim.corrections import cases

Row = dict[str, Any]
MOST_FOUND = 50
ESCAPED = re.compile(r"[%_\\]")


def find_persons(asked: str, *, is_id: bool = False) -> list[Row]:
    """Whom a text finds among the persons on the newest release's lists, most points first: at most 50, read as an analyst.

    A number of nine digits is an enterprise that they have or had a role in, what looks like an id an id, however old, and all
    else words of the name. Each has `person_id`, `full_name`, `birth_date`, `centres` and `total_points`.
    """
    asked = asked.strip()
    condition: str
    value: str | list[str]
    if is_id or re.fullmatch(r"P[A-Z2-7]{12}", asked):
        condition, value = BY_ID, asked
    elif re.fullmatch(r"[\d ]+", asked):
        condition, value = BY_ORGNR, asked.replace(" ", "")
    else:
        condition, value = BY_NAME, patterns(asked)
    with (
        psycopg.connect(warehouse.analyst_url()) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        if not cursor.execute("select to_regclass('marts.assessments') as laid").fetchall()[0]["laid"]:
            return []  # nothing has been assessed yet
        return cursor.execute(
            f"{LISTED} where {condition} {MOST_POINTS}".encode(), {"asked": value, "most": MOST_FOUND}
        ).fetchall()


def patterns(asked: str) -> list[str]:
    """For `ilike all`: each word of the text, wherever it stands."""
    return ["%" + ESCAPED.sub(r"\\\g<0>", word) + "%" for word in asked.split()]


def read_course(person_id: str, records: Collection[tuple[str, str]]) -> dict[str, list[Row]]:
    """What became of a person: `lists` of all releases, `decisions`, `disclosures` by recipient and release, and `disputes`.

    Args:
        records: the person's records, each agency and key; disputes are about these.
    """
    about = {"id": person_id}
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        read = {name: cursor.execute(query, about).fetchall() for name, query in COURSE.items()}
        disputed = [
            case
            for case in cases(connection)
            if (case["person_source"], case["person_source_record_id"]) in records
            or (case["agency"], case["source_row_id"]) in records
        ]
    return read | {"disputes": disputed}


LISTED = """
with newest as (select release_id from marts.releases where is_newest),
listed as (
    select release_id, person_id, array_agg(centre_id order by centre_id) as centres, max(total_points) as total_points
    from marts.assessments join newest using (release_id) group by release_id, person_id
)
select p.person_id, p.full_name, p.birth_date, l.centres, l.total_points
from listed as l join marts.persons as p using (release_id, person_id)
"""
BY_NAME = "p.full_name ilike all(%(asked)s)"
BY_ID = "p.person_id in (select i.person_id from marts.person(%(asked)s) as i)"
BY_ORGNR = """
p.person_id in (select r.person_id from marts.roles as r join newest using (release_id) where r.orgnr = %(asked)s)
"""
MOST_POINTS = "order by l.total_points desc, p.full_name, p.person_id limit %(most)s"
# An id that was merged since is followed in what older releases say.
COURSE = {
    "lists": """
with ids as (
    select %(id)s as person_id
    union select h.old_person_id from linkage.person_id_history as h where h.person_id = %(id)s and h.change = 'merged'
)
select r.release_id, r.as_of, a.centre_id, a.rank, a.intention_points, a.capacity_points, a.total_points, a.status, a.proposed_status
from marts.assessments as a join ids using (person_id) join marts.releases as r using (release_id) order by r.as_of desc, r.release_id desc, a.centre_id
""",
    "decisions": """
select decision_id, centre_id, decided_date, status, priority_code, reason_code, responsible_agency, next_review_date
from marts.prioritisations where release_id = (select release_id from marts.releases where is_newest) and person_id = %(id)s
order by decided_date desc, decision_id
""",
    "disclosures": """
select e.recipient, e.release_id, max(e.happened_at)::text as happened_at, e.detail ->> 'means' as means
from audit.subjects as s join audit.events as e using (position)
where s.person_id = %(id)s and e.action = 'disclosure' group by e.recipient, e.release_id, e.detail ->> 'means'
order by max(e.happened_at) desc
""",
}
