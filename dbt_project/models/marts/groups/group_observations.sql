with rules (indicator_code, indicator_version, dimension, area, agencies, extracts, event) as (
    values {{ rule_rows() }}
),

caps (indicator_code, cap) as (
    values
    {%- for code in var("indicators") %}
        ('{{ code }}', {{ rule(code).cap }}){{ "," if not loop.last }}
    {%- endfor %}
),

withheld as (
    select
        withheld_from,
        indicator_code
    from {{ ref('withheld_rules') }}
    where release_id = {{ release_id() }}
),

-- What rules found about the members, without those of which the centre is not told.
found as (
    select
        members.centre_id,
        members.group_kind,
        members.group_id,
        members.person_id,
        observations.indicator_code,
        observations.points_alone * members.strength as points,
        observations.events
    from {{ ref('members_of_groups') }} as members
    inner join {{ ref('indicator_observations') }} as observations on members.person_id = observations.person_id
    where observations.release_id = {{ release_id() }}
        and observations.points_alone > 0
        and observations.dimension = 'intention'
        and not exists (
            select 1 from withheld
            where withheld.withheld_from = members.centre_id
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

of_enterprises as (
    select distinct
        members.centre_id || ' ' || members.group_kind || ' ' || members.group_id as person_id,
        capacity.indicator_code,
        capacity.value,
        capacity.points
    from {{ ref('group_capacity') }} as capacity
    inner join {{ ref('members_of_groups') }} as members
        on capacity.group_kind = members.group_kind and capacity.group_id = members.group_id
    where not exists (
            select 1 from withheld
            where withheld.withheld_from = members.centre_id
                and withheld.indicator_code = capacity.indicator_code
        )
),

pointed as (
    select
        of_members.centre_id || ' ' || of_members.group_kind || ' ' || of_members.group_id as person_id,
        of_members.indicator_code,
        null::numeric as value,
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
    union all
    select
        person_id,
        indicator_code,
        value,
        points,
        null,
        null
    from of_enterprises
),

findings as (
    select
        pointed.person_id,
        pointed.indicator_code,
        rules.indicator_version,
        rules.dimension,
        pointed.value,
        pointed.points,
        pointed.points as strict_points,
        pointed.events,
        pointed.events as strict_events,
        null::jsonb as evidence,
        -- The macro passes it through: here how many members the rule found something about.
        pointed.member_count as enterprise_count,
        null::date as first_date,
        null::date as last_date
    from pointed
    inner join rules on pointed.indicator_code = rules.indicator_code
),

{{ each_event_once('findings') }},

observed as (
    select
        {{ release_id() }} as release_id,
        split_part(counted.person_id, ' ', 1) as centre_id,
        split_part(counted.person_id, ' ', 2) as group_kind,
        split_part(counted.person_id, ' ', 3) as group_id,
        counted.indicator_code,
        counted.indicator_version::integer as indicator_version,
        counted.dimension,
        rules.area,
        counted.value,
        counted.points,
        counted.points_alone,
        counted.events_counted as events,
        counted.enterprise_count::integer as persons
    from counted
    inner join rules on counted.indicator_code = rules.indicator_code
)

select * from observed
