with controllers as (
    select
        centre_id,
        group_id as orgnr,
        count(*)::integer as persons_listed,
        (array_agg(person_id order by strength desc, person_id))[1] as leading_person_id
    from {{ ref('members_of_groups') }}
    where group_kind = 'enterprise'
    group by centre_id, group_id
),

assessed as (
    select
        {{ release_id() }} as release_id,
        points.centre_id,
        points.group_id as orgnr,
        points.rank,
        points.intention_points,
        points.capacity_points,
        points.intention_points + points.capacity_points as total_points,
        points.areas,
        points.fired_count,
        points.proposed_status,
        controllers.persons_listed,
        controllers.leading_person_id
    from {{ ref('points_of_groups') }} as points
    inner join controllers on points.centre_id = controllers.centre_id and points.group_id = controllers.orgnr
    where points.group_kind = 'enterprise'
)

select * from assessed
