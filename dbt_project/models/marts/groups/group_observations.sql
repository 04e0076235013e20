with rules (indicator_code, indicator_version, dimension, area, agencies, extracts, event) as (
    values {{ rule_rows() }}
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
            select 1 from {{ ref('withheld_rules') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.withheld_from = members.centre_id
                and withheld.indicator_code = capacity.indicator_code
        )
),

pointed as (
    select
        centre_id || ' ' || group_kind || ' ' || group_id as person_id,
        indicator_code,
        null::numeric as value,
        points,
        events,
        member_count
    from {{ ref('group_intention') }}
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

-- As of persons, capacity is looked at from so many points of intention on.
intended as (
    select
        person_id,
        sum(points) >= {{ quantity('capacity_counts') }} as has_capacity
    from counted
    where dimension = 'intention'
    group by person_id
),

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
    left join intended on counted.person_id = intended.person_id
    where counted.dimension = 'intention' or intended.has_capacity
)

select * from observed
