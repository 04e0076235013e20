"""Persons on the centres' lists: found by name, id or organisation number, and what became of one over the releases."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import psycopg

from akrim import ledger, warehouse
from akrim.corrections import cases

Row = dict[str, Any]
MOST_FOUND = 50


def find_persons(asked: str, *, is_id: bool = False) -> list[Row]:
    """Whom a text finds among the persons on the newest release's lists, most points first: at most 50, read as an analyst.

    A number of nine digits is an enterprise that they have or had a role in, what looks like an id an id, however old, and all
    else beginnings of words of the name. Of several who have come of one id, whoever has it now, or most of its
    records, stands first. Each has `release_id`, `person_id`, `full_name`, `birth_date`, `centres` and `total_points`.
    """
    asked = asked.strip()
    condition = BY_NAME
    if is_id or re.fullmatch(r"P[A-Z2-7]{12}", asked):
        condition = BY_ID
    elif re.fullmatch(r"[\d ]+", asked):
        condition, asked = BY_ORGNR, asked.replace(" ", "")
    found = read_newest(LISTED.format(condition=condition), {"asked": asked, "most": MOST_FOUND})
    if condition == BY_ID and len(found) > 1:
        with warehouse.connect() as connection:
            ((holder,),) = connection.execute("select linkage.holder(%s)", [asked]).fetchall()
        found.sort(key=lambda row: (row["person_id"] != asked, row["person_id"] != holder))
    return found


def read_newest(query: str, values: Row) -> list[Row]:
    """What a query finds in the newest release, which it has as `release`, read as an analyst; nothing before the first."""
    with warehouse.connect(warehouse.analyst_url()) as connection:
        release_id = newest_release(connection)
        if release_id is None:
            return []
        return warehouse.read_rows(connection, query.encode(), values | {"release": release_id})


def listed_among(persons: Collection[str]) -> set[str]:
    """Those who are on a list of the newest release, and so have a page."""
    return {row["person_id"] for row in read_newest(LISTED_AMONG, {"persons": [*persons]})}


def newest_release(connection: psycopg.Connection[Any]) -> str | None:
    """The newest release that is published, and not recalled since: whose lists are searched; None where there is none."""
    if not warehouse.has_table(connection, "marts.assessments"):
        return None
    row = connection.execute("select release_id from marts.releases where is_newest").fetchone()
    return str(row[0]) if row else None


def require_newest_release(connection: psycopg.Connection[Any], command: str) -> str:
    """The same; raises UserError, where `command` was given, where there is none."""
    found = newest_release(connection)
    if found is None:
        raise ledger.none_in_force(connection, command)
    return found


def read_course(person_id: str, records: Collection[tuple[str, str]]) -> dict[str, list[Row]]:
    """What became of a person: `lists` of all releases that came out, `decisions`, `disclosures` by recipient and release, and `disputes`.

    Args:
        records: the person's records, each agency and key; disputes are about these.
    """
    with warehouse.connect() as connection:
        ((ids,),) = connection.execute(IDS, {"id": person_id}).fetchall()
        about = {"ids": ids}
        read = {name: warehouse.read_rows(connection, query, about) for name, query in COURSE.items()}
        disputed = [case for case, _ in disputes_of(connection, dict.fromkeys(records, person_id))]
    return read | {"disputes": disputed}


def disputes_of(
    connection: psycopg.Connection[Any], person_of: Mapping[tuple[str, str], str]
) -> list[tuple[Row, str]]:
    """Each correction case that is about one of these persons, with who it is; a case on a key that is another's by now is about whose it was.

    Args:
        person_of: the persons' records, each agency and key, with whose it is.
    """
    moved = dict(connection.execute("select case_id, person_id from meta.moved_disputes").fetchall())
    about: list[tuple[Row, str]] = []
    for case in cases(connection):
        holders = {person_of[record] for record in _records_of(case) & person_of.keys()}
        if case["case_id"] in moved:
            holders = {moved[case["case_id"]]} & {*person_of.values()}
        about += [(case, person_id) for person_id in sorted(holders)]
    return about


def _records_of(case: Row) -> set[tuple[str, str]]:
    """The records whose person a correction case is about, each agency and key: of who disputes a row, or else the row, which is a record."""
    if case["person_source"]:
        return {(case["person_source"], case["person_source_record_id"])}
    return {(case["agency"], case["source_row_id"])}


LISTED = """
with found as materialized (
    select p.release_id, p.person_id, p.full_name, p.birth_date from marts.persons as p where p.release_id = %(release)s and {condition}
)
select f.release_id, f.person_id, f.full_name, f.birth_date, array_agg(a.centre_id order by a.centre_id) as centres,
    max(a.total_points) as total_points
from found as f join marts.assessments as a on a.release_id = %(release)s and a.person_id = f.person_id
group by f.release_id, f.person_id, f.full_name, f.birth_date order by max(a.total_points) desc, f.full_name, f.person_id limit %(most)s
"""
LISTED_AMONG = (
    "select person_id from marts.assessments where release_id = %(release)s and person_id = any(%(persons)s)"
)
BY_NAME = "marts.name_words(p.release_id, p.full_name) @@ marts.name_query(%(release)s, %(asked)s)"
BY_ID = "p.person_id in (select i.person_id from marts.person(%(asked)s) as i)"
BY_ORGNR = "p.person_id in (select r.person_id from marts.roles as r where r.release_id = %(release)s and r.orgnr = %(asked)s)"
# Ids that were merged into hers, one after the other, as far as the newest release knows of it: one that is held may have merged more. What
# was parted from somebody again is whose records it had.
IDS = """
with recursive reached as (
    select %(id)s::text as person_id
    union
    select h.old_person_id from reached join linkage.person_id_history as h on h.person_id = reached.person_id
), hers as (
    select r.person_id from reached as r
    cross join lateral (select array_agg(p.person_id) as persons from marts.person(r.person_id) as p) as standing
    where r.person_id = %(id)s or standing.persons = array[%(id)s::text]
        or %(id)s = any(standing.persons) and linkage.holder(r.person_id) = %(id)s
)
select array_agg(person_id order by person_id) from hers
"""
# Of older releases what they say under the ids of then, and who was told it.
COURSE = {
    "lists": """
select r.release_id, r.as_of, r.status = 'recalled' as is_recalled, a.centre_id, a.rank, a.intention_points, a.capacity_points, a.total_points,
    a.status, a.proposed_status
from marts.assessments as a join marts.releases as r using (release_id)
where r.published_at is not null and a.person_id = any(%(ids)s) order by r.place desc, a.centre_id
""",
    "decisions": """
select decision_id, centre_id, decided_date, status, priority_code, reason_code, responsible_agency, next_review_date
from marts.prioritisations where release_id = (select release_id from marts.releases where is_newest) and person_id = any(%(ids)s)
order by decided_date desc, decision_id
""",
    "disclosures": """
select e.recipient, e.release_id, max(e.happened_at)::text as happened_at, e.detail ->> 'means' as means
from audit.subjects as s join audit.events as e using (position)
where s.person_id = any(%(ids)s) and e.action = 'disclosure' group by e.recipient, e.release_id, e.detail ->> 'means'
order by max(e.happened_at) desc
""",
}
