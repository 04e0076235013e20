with points as (
    select
        person_id,
        coalesce(sum(points) filter (where dimension = 'intention'), 0)::integer as intention_points,
        coalesce(sum(points) filter (where dimension = 'capacity'), 0)::integer as capacity_points,
        sum(points)::integer as total_points,
        (count(*) filter (where checked = 'fired'))::integer as fired_count,
        (count(*) filter (where checked = 'unavailable'))::integer as unavailable_count
    from {{ ref('indicator_observations') }}
    where release_id = {{ release_id() }}
    group by person_id
),

statuses as (
    select * from {{ ref('statuses_of_persons') }}
),

proposals as (
    select distinct on (points.person_id)
        points.person_id,
        thresholds.proposed_status
    from points
    inner join {{ ref('status_thresholds') }} as thresholds
        on points.intention_points >= thresholds.minimum_intention_points
            and points.capacity_points >= thresholds.minimum_capacity_points
    order by points.person_id, thresholds.minimum_intention_points desc
),

persons as (
    select
        centres.centre_id,
        centres.person_id,
        coalesce(points.intention_points, 0) as intention_points,
        coalesce(points.capacity_points, 0) as capacity_points,
        coalesce(points.total_points, 0) as total_points,
        coalesce(points.fired_count, 0) as fired_count,
        coalesce(points.unavailable_count, 0) as unavailable_count,
        proposals.proposed_status,
        statuses.status,
        statuses.status_since,
        described.weakest_match_weight
    from {{ ref('centres_of_persons') }} as centres
    inner join {{ ref('persons_described') }} as described on centres.person_id = described.person_id
    left join points on centres.person_id = points.person_id
    left join proposals on centres.person_id = proposals.person_id
    left join statuses on centres.person_id = statuses.person_id and centres.centre_id = statuses.centre_id
    -- Whom a management team has given a status stays on its list, whatever the points are now.
    where proposals.proposed_status is not null or statuses.status <> 'avskrevet'
),

ranked as (
    select
        {{ release_id() }} as release_id,
        persons.centre_id,
        persons.person_id,
        (row_number() over (
            partition by persons.centre_id
            -- Points by rule do not undo a dismissal: whom a team has dismissed comes after everybody else.
            order by
                persons.status is not distinct from 'avskrevet',
                persons.total_points desc, persons.intention_points desc, persons.person_id
        ))::integer as rank,
        persons.intention_points,
        persons.capacity_points,
        persons.total_points,
        persons.fired_count,
        persons.unavailable_count,
        persons.proposed_status,
        persons.status,
        persons.status_since,
        persons.weakest_match_weight
    from persons
)

select * from ranked
