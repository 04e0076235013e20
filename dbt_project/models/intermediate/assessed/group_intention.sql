-- What the rules of intention found about the members of a network or an enterprise, as far as the centre is told.
with caps (indicator_code, cap) as (
    values
    {%- for code in var("indicators") %}
        ('{{ code }}', {{ rule(code).cap }}){{ "," if not loop.last }}
    {%- endfor %}
),

found as (
    select
        members.centre_id,
        members.group_kind,
        members.group_id,
        observations.indicator_code,
        observations.points_alone * members.strength as points,
        observations.events
    from {{ ref('members_of_groups') }} as members
    inner join {{ ref('indicator_observations') }} as observations on members.person_id = observations.person_id
    where observations.release_id = {{ release_id() }}
        and observations.points_alone > 0
        and observations.dimension = 'intention'
        and not exists (
            select 1 from {{ ref('withheld_rules') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.withheld_from = members.centre_id
                and withheld.indicator_code = observations.indicator_code
        )
),

-- Of one event the member for whom it weighs most counts: an event that two led up to is still one.
of_events as (
    select
        found.centre_id,
        found.group_kind,
        found.group_id,
        found.indicator_code,
        item ->> 'event' as event,
        max(found.points / jsonb_array_length(found.events)) as points
    from found
    cross join jsonb_array_elements(found.events) as item
    group by found.centre_id, found.group_kind, found.group_id, found.indicator_code, item ->> 'event'
),

events_of_groups as (
    select
        centre_id,
        group_kind,
        group_id,
        indicator_code,
        sum(points) as points,
        array_agg(event order by event) as events
    from of_events
    group by centre_id, group_kind, group_id, indicator_code
),

-- By a rule that names its events, theirs add up within its cap. By any other, too, the member for whom it weighs most
-- counts: who shares an enterprise shares the facts about it.
of_members as (
    select
        centre_id,
        group_kind,
        group_id,
        indicator_code,
        max(points) as points,
        count(*) as member_count
    from found
    group by centre_id, group_kind, group_id, indicator_code
),

pointed as (
    select
        of_members.centre_id,
        of_members.group_kind,
        of_members.group_id,
        of_members.indicator_code,
        round(least(coalesce(events_of_groups.points, of_members.points), caps.cap))::integer as points,
        events_of_groups.events,
        of_members.member_count
    from of_members
    inner join caps on of_members.indicator_code = caps.indicator_code
    left join events_of_groups
        on of_members.centre_id = events_of_groups.centre_id
            and of_members.group_kind = events_of_groups.group_kind
            and of_members.group_id = events_of_groups.group_id
            and of_members.indicator_code = events_of_groups.indicator_code
)

select * from pointed
