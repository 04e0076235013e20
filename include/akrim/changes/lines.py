"""What a list says of a person at one step between two releases: in go a step's tables, out come lines by centre and person."""

from dataclasses import dataclass
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row

from akrim.changes.assessing import ASSESSMENTS, OBSERVATIONS, RELEASE_PERSONS
from akrim.changes.listing import Row


@dataclass(frozen=True)
class Line:
    """A person who is the centre's; `rank` is None while the person is not on the list, `points` is by indicator."""

    centre_id: str
    person_id: str
    rank: int | None
    proposed_status: str | None
    status: str | None
    points: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.points.values())


class Step(NamedTuple):
    """The lists when all causes up to this one have had their effect; the first step is the earlier release.

    `regrouped` are the persons of the earlier release whose records have by then moved to others.
    """

    cause: str
    lines: dict[tuple[str, str], Line]
    regrouped: frozenset[str]


def listed(connection: psycopg.Connection, release_id: str) -> dict[str, dict[str, Row]]:
    """Each centre's list as it stands in the marts, by person."""
    lists: dict[str, dict[str, Row]] = {}
    query = (
        "select centre_id, person_id, rank, total_points, proposed_status, status from marts.assessments"
        " where release_id = %s and centre_id <> 'uten_senter'"
    )
    for centre_id, person_id, rank, points, proposed, status in connection.execute(query, [release_id]):
        lists.setdefault(centre_id, {})[person_id] = {
            "rank": rank, "total_points": points, "proposed_status": proposed, "status": status,
        }  # fmt: skip
    return lists


def lines_of(
    connection: psycopg.Connection, names: dict[str, str], release_id: str, person_ids: list[str]
) -> dict[tuple[str, str], Line]:
    """The lines of these persons in the tables of one step."""
    query = LINES.format(
        persons=names[RELEASE_PERSONS], assessments=names[ASSESSMENTS], observations=names[OBSERVATIONS]
    )
    with connection.cursor(row_factory=class_row(Line)) as cursor:
        rows = cursor.execute(query.encode(), {"release": release_id, "persons": person_ids}).fetchall()
    return {(line.centre_id, line.person_id): line for line in rows}


LINES = """
with pointed as (
    select person_id, jsonb_object_agg(indicator_code, points) as points from {observations}
    where release_id = %(release)s and points <> 0 and person_id = any(%(persons)s) group by person_id
)
select p.centre_id, p.person_id, a.rank, a.proposed_status, a.status, coalesce(o.points, '{{}}') as points
from (select distinct centre_id, person_id from {persons} where release_id = %(release)s and person_id = any(%(persons)s)) p
left join {assessments} a
    on a.release_id = %(release)s and a.centre_id = p.centre_id and a.person_id = p.person_id
left join pointed o on o.person_id = p.person_id
"""
