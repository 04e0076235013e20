"""Networks and enterprises on the centres' lists: found by name or id, and what became of one over the releases."""

import re
from typing import Any

from psycopg import Connection

from akrim import warehouse
from akrim.insight.persons import disputes_of, read_newest

Row = dict[str, Any]
MOST_GROUPS = 20


def find_groups(asked: str) -> list[Row]:
    """At most 20 networks and enterprises on the newest release's lists that a text finds, most points first.

    By id, number, or beginnings of words of an enterprise's name. Each has `group_kind`, `group_id`, `names` (its enterprises', with
    numbers where two have one name, or their numbers), `network_kind`, `centres`, `total_points` and a network's `persons`, those on
    no list counted too.
    """
    asked = asked.strip()
    number = asked.replace(" ", "")
    is_id = bool(re.fullmatch(r"N[0-9A-Z]+|\d{9}", number))
    return _groups(BY_NUMBER if is_id else BY_NAME, number if is_id else asked)


def read_group(group_id: str) -> Row | None:
    """The network or enterprise of that id on the newest release's lists; None where there is none."""
    return next(iter(_groups(ALONE, group_id)), None)


def read_groups_of(person_id: str) -> list[Row]:
    """The networks and enterprises on the newest release's lists that the person counts for, most points first."""
    return _groups(OF_PERSON, person_id)


def _groups(chosen: str, asked: str) -> list[Row]:
    return read_newest(GROUPS.format(chosen=chosen), {"asked": asked, "most": MOST_GROUPS})


def read_group_course(group_id: str) -> dict[str, list[Row]]:
    """What became of a group: `lists` of all releases that came out, `decisions`, `members` on lists, their open `disputes`, and `disclosures`."""
    read = {name: read_newest(query, {"id": group_id}) for name, query in COURSE.items()}
    told = [(row["release_id"], row["centre_id"]) for row in read["lists"]]
    values = {"releases": [release for release, _ in told], "centres": [centre for _, centre in told]}
    with warehouse.connect() as connection:
        return read | {
            "disclosures": warehouse.read_rows(connection, DISCLOSURES, values),
            "disputes": _open_disputes(connection, [row["person_id"] for row in read["members"]]),
        }


def _open_disputes(connection: Connection, persons: list[str]) -> list[Row]:
    """What is disputed about these persons as it stands now, also since the release: `person_id`, `agency`, `extract` and `since`."""
    rows = connection.execute(RECORDS, [persons]).fetchall()
    person_of = {(source, record): person_id for person_id, source, record in rows}
    return [
        {
            "person_id": person_id,
            "agency": case["agency"],
            "extract": case["extract"],
            "since": case["disputed_since"],
        }
        for case, person_id in disputes_of(connection, person_of)
        if case["state"] == "open"
    ]


GROUPS = """
with chosen (group_id) as materialized ({chosen}),
listed as (
    select 'network' as group_kind, network_id as group_id, min(kind) as network_kind,
        array_agg(centre_id order by centre_id) as centres, max(total_points) as total_points,
        max(persons_listed + persons_beside) as persons
    from marts.network_assessments where release_id = %(release)s and network_id in (select group_id from chosen) group by network_id
    union all
    select 'enterprise', orgnr, null, array_agg(centre_id order by centre_id), max(total_points), null
    from marts.enterprise_assessments where release_id = %(release)s and orgnr in (select group_id from chosen) group by orgnr
    order by total_points desc, group_id limit %(most)s
)
select l.*, %(release)s::text as release_id, (
    select array_agg(case when named.times > 1 then concat(named.name, ' (', named.orgnr, ')') else named.name end order by named.orgnr)
    from (
        select m.orgnr, coalesce(e.enterprise_name, m.orgnr) as name, count(*) over (partition by coalesce(e.enterprise_name, m.orgnr)) as times
        from (
            select member_id as orgnr from marts.network_members
            where release_id = %(release)s and network_id = l.group_id and member_kind = 'enterprise'
            union all select l.group_id where l.group_kind = 'enterprise'
        ) as m left join marts.enterprises as e on e.release_id = %(release)s and e.orgnr = m.orgnr
    ) as named
) as names
from listed as l order by l.total_points desc, l.group_id
"""
ALONE = "select %(asked)s::text"
# The enterprises, and the networks that they are in.
WITH_NETWORKS = """
select orgnr from ({found}) as found
union select m.network_id from ({found}) as found join marts.network_members as m on m.release_id = %(release)s and m.member_id = found.orgnr
"""
BY_NUMBER = WITH_NETWORKS.replace("{found}", "select %(asked)s::text as orgnr")
BY_NAME = WITH_NETWORKS.replace(
    "{found}",
    "select e.orgnr from marts.enterprises as e where marts.name_words(e.release_id, e.enterprise_name) @@ marts.name_query(%(release)s, %(asked)s)",
)
OF_PERSON = "select m.group_id from marts.group_members as m where m.release_id = %(release)s and m.person_id = %(asked)s"
COURSE = {
    "lists": """
select r.release_id, r.as_of, r.status = 'recalled' as is_recalled, a.centre_id, a.rank, a.intention_points, a.capacity_points, a.total_points,
    a.proposed_status, d.status
from (
    select release_id, centre_id, rank, intention_points, capacity_points, total_points, proposed_status
    from marts.network_assessments where network_id = %(id)s
    union all
    select release_id, centre_id, rank, intention_points, capacity_points, total_points, proposed_status
    from marts.enterprise_assessments where orgnr = %(id)s
) as a join marts.releases as r using (release_id)
left join marts.group_decisions as d on (d.release_id, d.centre_id, d.group_id) = (a.release_id, a.centre_id, %(id)s) and d.is_standing
where r.published_at is not null order by r.place desc, a.centre_id
""",
    "decisions": """
select decision_id, centre_id, decided_date, status, priority_code, reason_code, next_review_date
from marts.group_decisions where release_id = %(release)s and group_id = %(id)s
order by decided_date desc, decision_id
""",
    "members": """
select m.person_id, min(p.full_name) as full_name, array_agg(m.centre_id order by m.centre_id) as centres,
    max(m.intention_points) as intention_points, max(m.strength)::float as strength, min(n.part) as part
from marts.group_members as m join marts.persons as p using (release_id, person_id)
left join marts.network_members as n on (n.release_id, n.network_id, n.member_id) = (m.release_id, m.group_id, m.person_id)
where m.release_id = %(release)s and m.group_id = %(id)s
group by m.person_id order by 4 desc, 2, 1
""",
}
RECORDS = "select person_id, source, source_record_id from linkage.person_records where person_id = any(%s)"
DISCLOSURES = """
select e.recipient, e.release_id, max(e.happened_at)::text as happened_at, e.detail ->> 'means' as means
from audit.events as e
where e.action = 'disclosure' and (e.release_id, e.recipient) in (select * from unnest(%(releases)s::text[], %(centres)s::text[]))
group by e.recipient, e.release_id, e.detail ->> 'means' order by max(e.happened_at) desc
"""
