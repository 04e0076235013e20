{{ config(indexes=[{'columns': ['person_id']}]) }}

-- What each centre may be told: a rule that is withheld from it has no points there.
with observed as (
    select
        centres.centre_id,
        observations.person_id,
        observations.dimension,
        observations.area,
        case when withheld.indicator_code is null then observations.points else 0 end as points,
        case when withheld.indicator_code is null then observations.strict_points else 0 end as strict_points,
        case when withheld.indicator_code is null then observations.checked else 'unavailable' end as checked,
        withheld.indicator_code is not null as is_withheld,
        observations.checked = 'fired' and observations.dimension = 'intention'
        and coalesce(withheld.told, '') <> 'nothing' as is_found
    from {{ ref('indicator_observations') }} as observations
    inner join {{ ref('centres_of_persons') }} as centres on observations.person_id = centres.person_id
    left join {{ ref('withheld_rules') }} as withheld
        on observations.release_id = withheld.release_id
            and centres.centre_id = withheld.withheld_from
            and observations.indicator_code = withheld.indicator_code
    where observations.release_id = {{ release_id() }}
),

summed as (
    select
        centre_id,
        person_id,
        coalesce(sum(points) filter (where dimension = 'intention'), 0)::integer as intention_points,
        coalesce(sum(points) filter (where dimension = 'capacity'), 0)::integer as capacity_sum,
        coalesce(sum(strict_points) filter (where dimension = 'intention'), 0)::integer as strict_intention_points,
        coalesce(sum(strict_points) filter (where dimension = 'capacity'), 0)::integer as strict_capacity_sum,
        (count(distinct area) filter (where dimension = 'intention' and points > 0))::integer as areas,
        (count(distinct area) filter (where dimension = 'intention' and strict_points > 0))::integer as strict_areas,
        (count(*) filter (where dimension = 'intention' and checked = 'fired'))::integer as fired_of_intention,
        (count(*) filter (where dimension = 'capacity' and checked = 'fired'))::integer as fired_of_capacity,
        (count(*) filter (where dimension = 'intention' and checked = 'unavailable'))::integer
            as unavailable_of_intention,
        (count(*) filter (where dimension = 'capacity' and checked = 'unavailable'))::integer
            as unavailable_of_capacity,
        -- Rules are looked at for those of whom one has found something, and for those who dispute something: where
        -- one is withheld, and none of which the centre is told has found anything, it is told of none.
        bool_or(is_found) or not bool_or(is_withheld) as is_looked_at
    from observed
    group by centre_id, person_id
),

-- Capacity counts from the published number of intention points on, also where strict links alone count. Below it no
-- centre is told of any: that capacity was looked at would tell that rules of which it is not told have found more.
points as (
    select
        *,
        case when intention_points >= {{ quantity('capacity_counts') }} then capacity_sum else 0 end as capacity_points,
        fired_of_intention
        + case when intention_points >= {{ quantity('capacity_counts') }} then fired_of_capacity else 0 end
            as fired_count,
        -- Of whoever is not looked at, as far as the centre is told, it is counted as where no rule has found anything.
        case
            when is_looked_at
                then
                    unavailable_of_intention
                    + case
                        when intention_points >= {{ quantity('capacity_counts') }} then unavailable_of_capacity
                        else 0
                    end
        end as unavailable_count,
        case
            when strict_intention_points >= {{ quantity('capacity_counts') }} then strict_capacity_sum
            else 0
        end as strict_capacity_points
    from summed
),

-- The most serious status whose conditions hold, in any line of the published table.
proposed as (
    select
        points.centre_id,
        points.person_id,
        points.intention_points,
        points.capacity_points,
        points.intention_points + points.capacity_points as total_points,
        points.strict_intention_points,
        points.strict_capacity_points,
        points.fired_count,
        points.unavailable_count,
        (array_agg(thresholds.proposed_status order by statuses.seriousness) filter (
            where points.intention_points >= thresholds.minimum_intention_points
            and points.capacity_points >= thresholds.minimum_capacity_points
            and points.areas >= thresholds.minimum_areas
        ))[1] as proposed_status,
        (array_agg(thresholds.proposed_status order by statuses.seriousness) filter (
            where points.strict_intention_points >= thresholds.minimum_intention_points
            and points.strict_capacity_points >= thresholds.minimum_capacity_points
            and points.strict_areas >= thresholds.minimum_areas
        ))[1] as strict_proposed_status
    from points
    cross join {{ ref('status_thresholds') }} as thresholds
    inner join {{ ref('status_codes') }} as statuses on thresholds.proposed_status = statuses.status
    group by
        points.centre_id, points.person_id, points.intention_points, points.capacity_points,
        points.strict_intention_points, points.strict_capacity_points, points.fired_count, points.unavailable_count
)

select * from proposed
