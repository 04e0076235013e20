"""Networks and enterprises on the centres' lists: found by name or id, and what became of one over the releases."""

import re
from typing import Any

import psycopg
from psycopg.rows import dict_row

from akrim import warehouse
from akrim.insight.persons import patterns

Row = dict[str, Any]
MOST_GROUPS = 20


def find_groups(asked: str) -> list[Row]:
    """The networks and enterprises on the newest release's lists that a text finds, most points first: by id, number, or words of an enterprise's name.

    Each has `group_kind`, `group_id`, `name` (of a network, of its first enterprises), `network_kind`, `centres` and `total_points`; at most 20.
    """
    asked = asked.strip()
    number = asked.replace(" ", "")
    is_id = bool(re.fullmatch(r"N[0-9A-Z]+|\d{9}", number))
    words = [] if is_id else patterns(asked)
    return _read(f"{GROUPS} where {FOUND} {MOST_POINTS}", {"id": number, "words": words, "most": MOST_GROUPS})


def read_group(group_id: str) -> Row | None:
    """The network or enterprise of that id on the newest release's lists; None where there is none."""
    return next(iter(_read(f"{GROUPS} where l.group_id = %(id)s", {"id": group_id})), None)


def read_groups_of(person_id: str) -> list[Row]:
    """The networks and enterprises on the newest release's lists that the person counts for, most points first."""
    return _read(f"{GROUPS} where {OF_PERSON} {MOST_POINTS}", {"person": person_id, "most": MOST_GROUPS})


def read_group_course(group_id: str) -> dict[str, list[Row]]:
    """What became of a group: `lists` of all releases, `decisions`, its `members` on lists, their open `disputes`, and its `disclosures` by centre and release."""
    read = {name: _read(query, {"id": group_id}) for name, query in COURSE.items()}
    told = [(row["release_id"], row["centre_id"]) for row in read["lists"]]
    values = {"releases": [release for release, _ in told], "centres": [centre for _, centre in told]}
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return read | {"disclosures": cursor.execute(DISCLOSURES, values).fetchall()}


def _read(query: str, values: Row) -> list[Row]:
    with (
        psycopg.connect(warehouse.analyst_url()) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        if not cursor.execute("select to_regclass('marts.network_assessments') as laid").fetchall()[0][
            "laid"
        ]:
            return []
        return cursor.execute(query.encode(), values).fetchall()


GROUPS = """
with newest as (select release_id from marts.releases where is_newest),
listed as (
    select 'network' as group_kind, network_id as group_id, min(kind) as network_kind,
        array_agg(centre_id order by centre_id) as centres, max(total_points) as total_points
    from marts.network_assessments join newest using (release_id) group by network_id
    union all
    select 'enterprise', orgnr, null, array_agg(centre_id order by centre_id), max(total_points)
    from marts.enterprise_assessments join newest using (release_id) group by orgnr
),
members as (
    select m.network_id as group_id, m.member_id as orgnr from marts.network_members as m join newest using (release_id)
    where m.member_kind = 'enterprise' and m.network_id in (select group_id from listed)
    union all select group_id, group_id from listed where group_kind = 'enterprise'
),
named as (
    select m.group_id, m.orgnr, e.enterprise_name
    from members as m cross join newest left join marts.enterprises as e on (e.release_id, e.orgnr) = (newest.release_id, m.orgnr)
)
select l.*, (select release_id from newest) as release_id, (
    select array_agg(coalesce(n.enterprise_name, n.orgnr) order by n.orgnr) from named as n where n.group_id = l.group_id
) as names
from listed as l
"""
FOUND = """(
    l.group_id = %(id)s or l.group_id in (
        select n.group_id from named as n
        where n.orgnr = %(id)s or cardinality(%(words)s::text[]) > 0 and n.enterprise_name ilike all(%(words)s::text[])
    )
)"""
OF_PERSON = """l.group_id in (
    select m.group_id from marts.group_members as m join newest using (release_id) where m.person_id = %(person)s
)"""
MOST_POINTS = "order by l.total_points desc, l.group_id limit %(most)s"
COURSE = {
    "lists": """
select r.release_id, r.as_of, a.centre_id, a.rank, a.intention_points, a.capacity_points, a.total_points, a.proposed_status, d.status
from (
    select release_id, centre_id, rank, intention_points, capacity_points, total_points, proposed_status
    from marts.network_assessments where network_id = %(id)s
    union all
    select release_id, centre_id, rank, intention_points, capacity_points, total_points, proposed_status
    from marts.enterprise_assessments where orgnr = %(id)s
) as a join marts.releases as r using (release_id)
left join marts.group_decisions as d on (d.release_id, d.centre_id, d.group_id) = (a.release_id, a.centre_id, %(id)s) and d.is_standing
order by r.as_of desc, r.release_id desc, a.centre_id
""",
    "decisions": """
select decision_id, centre_id, decided_date, status, priority_code, reason_code, next_review_date
from marts.group_decisions where release_id = (select release_id from marts.releases where is_newest) and group_id = %(id)s
order by decided_date desc, decision_id
""",
    "members": """
select m.person_id, min(p.full_name) as full_name, array_agg(m.centre_id order by m.centre_id) as centres,
    max(m.intention_points) as intention_points, max(m.strength)::float as strength, min(n.part) as part
from marts.group_members as m join marts.persons as p using (release_id, person_id)
left join marts.network_members as n on (n.release_id, n.network_id, n.member_id) = (m.release_id, m.group_id, m.person_id)
where m.release_id = (select release_id from marts.releases where is_newest) and m.group_id = %(id)s
group by m.person_id order by 4 desc, 2, 1
""",
    "disputes": """
select distinct on (a.person_id, d.value) a.person_id, d.value ->> 'agency' as agency, d.value ->> 'extract' as extract, d.value ->> 'since' as since
from marts.group_members as m join marts.assessments as a using (release_id, person_id)
cross join lateral jsonb_array_elements(a.disputes::jsonb) as d
where m.release_id = (select release_id from marts.releases where is_newest) and m.group_id = %(id)s
    and (d.value ->> 'is_open')::boolean
order by a.person_id, d.value
""",
}
DISCLOSURES = """
select e.recipient, e.release_id, max(e.happened_at)::text as happened_at, e.detail ->> 'means' as means
from audit.events as e
where e.action = 'disclosure' and (e.release_id, e.recipient) in (select * from unnest(%(releases)s::text[], %(centres)s::text[]))
group by e.recipient, e.release_id, e.detail ->> 'means' order by max(e.happened_at) desc
"""
