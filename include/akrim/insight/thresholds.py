"""Who would be on a release's lists by other thresholds, or without a rule: statuses proposed anew from what its rules found.

A proposed status is a function of points and thresholds alone, so that nothing has to be assessed. Where a rule is left out, what
event_caps took from the others that tell of the same events is given back. What a rule finds, and whose data are there, only a run can
change (`akrim.changes.what_if`).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from akrim import warehouse
from akrim.contracts import DISMISSED
from akrim.rules import Rule, load_rules, read_seed

Row = dict[str, Any]


class Threshold(NamedTuple):
    """A line of the ladder: the status that is proposed from so many points and areas on."""

    status: str
    intention: int
    capacity: int
    areas: int


def present_thresholds() -> list[Threshold]:
    """The published ladder, one line for each way to a status."""
    return [
        Threshold(
            row["proposed_status"],
            int(row["minimum_intention_points"]),
            int(row["minimum_capacity_points"]),
            int(row["minimum_areas"]),
        )
        for row in read_seed("status_thresholds")
    ]


def try_thresholds(
    release_id: str, present: Sequence[Threshold], otherwise: Sequence[Threshold], without: Rule | None = None
) -> list[Row]:
    """A row per centre and person on its list by either ladder, read as an analyst; empty where nothing has been assessed.

    Args:
        without: a rule that finds nothing by the other ladder.

    `before` and `after` are the statuses proposed, None where none is; `is_listed_before` and `is_listed_after` count those too whom a
    team's decision keeps on the list whatever their points. `move` is entered, left, raised, lowered or same, by what is proposed.
    """
    steps = {row["status"]: int(row["seriousness"]) for row in read_seed("status_codes")}
    definitions = {row["definition_code"]: row["quantity"] for row in read_seed("definitions")}
    columns = ("intention", "capacity", "areas", "seriousness", "is_other")
    ladders = [
        (*line[1:], steps[line.status], is_other)
        for is_other, ladder in enumerate((present, otherwise))
        for line in ladder
    ]
    asked = dict(zip(columns, map(list, zip(*ladders, strict=True)), strict=True)) | {
        "release": release_id,
        "dismissed": DISMISSED,
        "least": min(line.intention for line in (*present, *otherwise)),
        "capacity_counts": int(definitions["capacity_counts"]),
        **_left_out(without),
    }
    with warehouse.connect(warehouse.analyst_url()) as connection:
        if not warehouse.has_table(connection, "marts.assessments"):
            return []
        rows = warehouse.read_rows(connection, LINES, asked)
    named = {step: status for status, step in steps.items()}
    return [_line(row, named) for row in rows]


def _left_out(without: Rule | None) -> Row:
    """The rule that is left out, those that tell of the same events, and the most points for these."""
    event = without.event if without else ""
    caps = {row["event"]: row for row in read_seed("event_caps")}.get(event, {})
    return {
        "without": without.code if without else "",
        "sharing": [rule.code for rule in load_rules() if event and rule.event == event],
        "first_points": int(caps.get("first_points", 0)),
        "further_points": int(caps.get("further_points", 0)),
    }


def _line(row: Row, named: dict[int, str]) -> Row:
    before, after, stays = row["before"], row["after"], row["stays"]
    return row | {
        "before": named.get(before),
        "after": named.get(after),
        "is_listed_before": stays or before is not None,
        "is_listed_after": stays or after is not None,
        "move": _move(before, after, stays=stays),
    }


def _move(before: int | None, after: int | None, *, stays: bool) -> str:
    if before == after:
        return "same"
    if not stays and before is None:
        return "entered"
    if not stays and after is None:
        return "left"
    return "raised" if (after or 99) < (before or 99) else "lowered"


# As the macro each_event_once, intermediate.points_of_persons and marts.assessments have it, of any release.
# Whoever is on no list by all that was found of her is left out first: of a country's persons few are on any.
LINES = """
with within_reach as materialized (
    select person_id from marts.indicator_observations
    where release_id = %(release)s and greatest(points, points_alone) > 0
    group by person_id
    having coalesce(sum(greatest(points, points_alone)) filter (where dimension = 'intention'), 0) >= %(least)s
),
sharing as (
    select found.person_id, found.indicator_code, found.points_alone,
        array(select jsonb_array_elements(found.events) ->> 'event') as events,
        exists (
            select from marts.withheld_rules as w
            where (w.release_id, w.indicator_code) = (found.release_id, found.indicator_code)
        ) as is_apart
    from marts.indicator_observations as found
    where found.release_id = %(release)s and found.indicator_code = any(%(sharing)s::text[])
        and found.indicator_code <> %(without)s and found.points_alone > 0
),
happened as (
    select person_id, array_agg(distinct event) as events
    from sharing cross join unnest(events) as event where not is_apart group by person_id
),
given_back as (
    select s.person_id, s.indicator_code, greatest(0, least(s.points_alone,
        %(first_points)s + %(further_points)s
            * greatest(0, cardinality(array(select unnest(h.events) union select unnest(s.events))) - 1)
        - coalesce(sum(s.points_alone) filter (where not s.is_apart) over (
            partition by s.person_id order by s.is_apart, s.points_alone desc, s.indicator_code
            rows between unbounded preceding and 1 preceding
        ), 0))) as points
    from sharing as s left join happened as h using (person_id)
),
told as (
    select area.centre_id, found.person_id, found.dimension, found.area, variant.is_other,
        case
            when variant.is_other = 0 then found.points
            when found.indicator_code = %(without)s then 0
            else coalesce(given_back.points, found.points)
        end as points
    from marts.indicator_observations as found
    join within_reach using (person_id)
    join marts.release_persons as area using (release_id, person_id)
    left join marts.withheld_rules as withheld on withheld.release_id = found.release_id
        and withheld.withheld_from = area.centre_id and withheld.indicator_code = found.indicator_code
    left join given_back on (given_back.person_id, given_back.indicator_code) = (found.person_id, found.indicator_code)
    cross join (values (0), (1)) as variant (is_other)
    where found.release_id = %(release)s and greatest(found.points, found.points_alone) > 0 and withheld.indicator_code is null
),
counted as (
    select centre_id, person_id, is_other,
        coalesce(sum(points) filter (where dimension = 'intention'), 0) as intention,
        coalesce(sum(points) filter (where dimension = 'capacity'), 0) as capacity,
        count(distinct area) filter (where dimension = 'intention') as areas
    from told where points > 0 group by centre_id, person_id, is_other
),
points as (
    select centre_id, person_id, is_other, intention, areas,
        case when intention >= %(capacity_counts)s then capacity else 0 end as capacity
    from counted
),
ladders as (
    select * from unnest(%(intention)s::int[], %(capacity)s::int[], %(areas)s::int[], %(seriousness)s::int[], %(is_other)s::int[])
        as t (intention, capacity, areas, seriousness, is_other)
),
proposed as (
    select p.centre_id, p.person_id, coalesce(max((p.intention + p.capacity)::int) filter (where p.is_other = 0),
            max((p.intention + p.capacity)::int)) as total_points,
        min(l.seriousness) filter (where l.is_other = 0) as before, min(l.seriousness) filter (where l.is_other = 1) as after
    from points as p join ladders as l
        on p.is_other = l.is_other and p.intention >= l.intention and p.capacity >= l.capacity and p.areas >= l.areas
    group by p.centre_id, p.person_id
),
kept as (
    select centre_id, person_id, total_points from marts.assessments as a
    where release_id = %(release)s and (
        status <> %(dismissed)s or offered_by is not null
        or exists (
            select from marts.status_questions as q
            where (q.release_id, q.centre_id, q.person_id) = (a.release_id, a.centre_id, a.person_id)
        )
    )
)
select centre_id, person_id, coalesce(p.total_points, k.total_points) as total_points, p.before, p.after,
    k.person_id is not null as stays
from proposed as p full join kept as k using (centre_id, person_id)
order by centre_id, least(before, after), total_points desc, person_id
"""
