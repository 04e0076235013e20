-- As points_of_persons: the same ladder for networks and enterprises.
with points as (
    select
        centre_id,
        group_kind,
        group_id,
        coalesce(sum(points) filter (where dimension = 'intention'), 0)::integer as intention_points,
        coalesce(sum(points) filter (where dimension = 'capacity'), 0)::integer as capacity_points,
        (count(distinct area) filter (where dimension = 'intention' and points > 0))::integer as areas,
        count(*)::integer as fired_count
    from {{ ref('group_observations') }}
    where release_id = {{ release_id() }}
    group by centre_id, group_kind, group_id
),

proposed as (
    select
        points.centre_id,
        points.group_kind,
        points.group_id,
        points.intention_points,
        points.capacity_points,
        points.areas,
        points.fired_count,
        (array_agg(thresholds.proposed_status order by statuses.seriousness))[1] as proposed_status,
        min(statuses.seriousness) as proposed_seriousness
    from points
    inner join {{ ref('status_thresholds') }} as thresholds
        on points.intention_points >= thresholds.minimum_intention_points
            and points.capacity_points >= thresholds.minimum_capacity_points
            and points.areas >= thresholds.minimum_areas
    inner join {{ ref('status_codes') }} as statuses on thresholds.proposed_status = statuses.status
    group by
        points.centre_id, points.group_kind, points.group_id, points.intention_points, points.capacity_points,
        points.areas, points.fired_count
)

select
    *,
    (row_number() over (
        partition by centre_id, group_kind
        order by proposed_seriousness, intention_points + capacity_points desc, intention_points desc, group_id
    ))::integer as rank
from proposed
