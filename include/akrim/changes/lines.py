"""The lines of persons on the centres' lists, at one step between two releases."""

from dataclasses import dataclass
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row

from akrim.changes.assessing import ASSESSMENTS, OBSERVATIONS, RELEASE_PERSONS, WITHHELD_RULES
from akrim.changes.listing import Row
from akrim.warehouse import read_rows

DEFINITIONS = "seeds.definitions"


@dataclass(frozen=True)
class Line:
    """A person of the centre; `rank` is None while not on the list, `points` are by indicator."""

    centre_id: str
    person_id: str
    rank: int | None
    proposed_status: str | None
    status: str | None
    points: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.points.values())


class CauseStep(NamedTuple):
    """The lists with the effects of all causes up to this one; the first step is the earlier release.

    `regrouped`: the earlier release's persons whose records have moved to others by then. `is_all`: whatever differs was taken over
    at once, since the earlier release cannot be assessed again; nobody knows what of it is whose effect.
    """

    cause: str
    lines: dict[tuple[str, str], Line]
    regrouped: frozenset[str]
    is_all: bool = False


def read_lists(connection: psycopg.Connection, release_id: str) -> dict[str, dict[str, Row]]:
    """Each centre's list in the marts, and that of no centre, by person."""
    lists: dict[str, dict[str, Row]] = {}
    query = (
        "select centre_id, person_id, rank, total_points, proposed_status, status from marts.assessments"
        " where release_id = %s"
    )
    for row in read_rows(connection, query, [release_id]):
        lists.setdefault(row.pop("centre_id"), {})[row.pop("person_id")] = row
    return lists


def read_lines(
    connection: psycopg.Connection, names: dict[str, str], release_id: str, person_ids: list[str]
) -> dict[tuple[str, str], Line]:
    """The lines of these persons in one step's tables."""
    query = LINES.format(
        persons=names[RELEASE_PERSONS],
        assessments=names[ASSESSMENTS],
        observations=names[OBSERVATIONS],
        withheld=names[WITHHELD_RULES],
        definitions=names.get(DEFINITIONS, DEFINITIONS),
    )
    with connection.cursor(row_factory=class_row(Line)) as cursor:
        rows = cursor.execute(query.encode(), {"release": release_id, "persons": person_ids}).fetchall()
    return {(line.centre_id, line.person_id): line for line in rows}


# A rule that is withheld from a centre has no points there; and where without such rules too few points of intention are left, capacity
# does not count there, as in intermediate.points_of_persons.
LINES = """
with listed as (
    select distinct centre_id, person_id from {persons} where release_id = %(release)s and person_id = any(%(persons)s)
), found as (
    select p.centre_id, p.person_id, o.indicator_code, o.points, o.dimension, w.indicator_code is null as is_told,
        sum(o.points) filter (where o.dimension = 'intention') over whole as intention,
        sum(o.points) filter (where o.dimension = 'intention' and w.indicator_code is null) over whole as intention_told
    from listed p
    join {observations} o on o.release_id = %(release)s and o.person_id = p.person_id and o.points <> 0
    left join {withheld} w
        on w.release_id = %(release)s and w.withheld_from = p.centre_id and w.indicator_code = o.indicator_code
    window whole as (partition by p.centre_id, p.person_id)
), pointed as (
    select centre_id, person_id, jsonb_object_agg(indicator_code, points) as points
    from found
    where is_told and (
        dimension = 'intention' or intention_told is not distinct from intention
        or intention_told >= (select quantity::integer from {definitions} where definition_code = 'capacity_counts')
    )
    group by centre_id, person_id
)
select p.centre_id, p.person_id, a.rank, a.proposed_status, a.status, coalesce(o.points, '{{}}') as points
from listed p
left join {assessments} a
    on a.release_id = %(release)s and a.centre_id = p.centre_id and a.person_id = p.person_id
left join pointed o on o.centre_id = p.centre_id and o.person_id = p.person_id
"""
