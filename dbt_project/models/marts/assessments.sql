with points as (
    select
        person_id,
        coalesce(sum(points) filter (where dimension = 'intention'), 0)::integer as intention_points,
        coalesce(sum(points) filter (where dimension = 'capacity'), 0)::integer as capacity_points,
        sum(points)::integer as total_points,
        coalesce(sum(strict_points) filter (where dimension = 'intention'), 0)::integer as strict_intention_points,
        coalesce(sum(strict_points) filter (where dimension = 'capacity'), 0)::integer as strict_capacity_sum,
        (count(distinct area) filter (where dimension = 'intention' and points > 0))::integer as areas,
        (count(distinct area) filter (where dimension = 'intention' and strict_points > 0))::integer as strict_areas,
        (count(*) filter (where checked = 'fired'))::integer as fired_count,
        (count(*) filter (where checked = 'unavailable'))::integer as unavailable_count
    from {{ ref('indicator_observations') }}
    where release_id = {{ release_id() }}
    group by person_id
),

-- Capacity counts from the published number of intention points on, also where strict links alone count.
strict_points as (
    select
        person_id,
        strict_intention_points,
        strict_areas,
        case
            when strict_intention_points >= {{ quantity('capacity_counts') }} then strict_capacity_sum
            else 0
        end as strict_capacity_points
    from points
),

strict_proposals as (
    select distinct on (strict_points.person_id)
        strict_points.person_id,
        thresholds.proposed_status
    from strict_points
    inner join {{ ref('status_thresholds') }} as thresholds
        on strict_points.strict_intention_points >= thresholds.minimum_intention_points
            and strict_points.strict_capacity_points >= thresholds.minimum_capacity_points
            and strict_points.strict_areas >= thresholds.minimum_areas
    order by strict_points.person_id, thresholds.minimum_intention_points desc
),

statuses as (
    select * from {{ ref('statuses_of_persons') }}
),

-- A dismissal that was decided again counts from then.
dismissals as (
    select
        statuses.centre_id,
        statuses.person_id,
        max(decisions.decided_date) as dismissed_date
    from statuses
    inner join {{ ref('decisions_of_persons') }} as decisions
        on statuses.centre_id = decisions.centre_id and statuses.person_id = decisions.person_id
    where statuses.status = 'avskrevet'
    group by statuses.centre_id, statuses.person_id
),

-- Arrears are stated anew every period: no fact is new for that, nor is the role beside them, which bears their date.
newest_facts as (
    select
        observations.person_id,
        max((item ->> 'date')::date) as newest_fact_date
    from {{ ref('indicator_observations') }} as observations
    cross join lateral jsonb_array_elements(observations.evidence) as item
    where observations.release_id = {{ release_id() }}
        and observations.dimension = 'intention'
        and observations.person_id in (select dismissals.person_id from dismissals)
        and observations.indicator_code <> 'tax_arrears'
        and item ->> 'extract' <> 'restanser'
        and (item ->> 'date')::date <= {{ as_of() }}
    group by observations.person_id
),

proposals as (
    select distinct on (points.person_id)
        points.person_id,
        thresholds.proposed_status
    from points
    inner join {{ ref('status_thresholds') }} as thresholds
        on points.intention_points >= thresholds.minimum_intention_points
            and points.capacity_points >= thresholds.minimum_capacity_points
            and points.areas >= thresholds.minimum_areas
    order by points.person_id, thresholds.minimum_intention_points desc
),

persons as (
    select
        centres.centre_id,
        centres.person_id,
        coalesce(points.intention_points, 0) as intention_points,
        coalesce(points.capacity_points, 0) as capacity_points,
        coalesce(points.total_points, 0) as total_points,
        coalesce(strict_points.strict_intention_points, 0) as strict_intention_points,
        coalesce(strict_points.strict_capacity_points, 0) as strict_capacity_points,
        coalesce(points.fired_count, 0) as fired_count,
        coalesce(points.unavailable_count, 0) as unavailable_count,
        proposals.proposed_status,
        statuses.status,
        statuses.status_since,
        dismissals.person_id is not null as is_dismissed,
        case
            when newest_facts.newest_fact_date > dismissals.dismissed_date then newest_facts.newest_fact_date
        end as new_fact_date,
        coalesce(strict_proposals.proposed_status, '') = coalesce(proposals.proposed_status, '') as is_proposal_strict,
        described.weakest_match_weight
    from {{ ref('centres_of_persons') }} as centres
    inner join {{ ref('persons_described') }} as described on centres.person_id = described.person_id
    left join points on centres.person_id = points.person_id
    left join strict_points on centres.person_id = strict_points.person_id
    left join strict_proposals on centres.person_id = strict_proposals.person_id
    left join dismissals on centres.person_id = dismissals.person_id and centres.centre_id = dismissals.centre_id
    left join newest_facts on centres.person_id = newest_facts.person_id
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
            -- Points by rule do not undo a dismissal: whom a team has dismissed comes after everybody else, unless
            -- something has happened since.
            order by
                persons.is_dismissed and persons.new_fact_date is null,
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
        persons.new_fact_date,
        persons.weakest_match_weight,
        persons.strict_intention_points,
        persons.strict_capacity_points,
        persons.is_proposal_strict
    from persons
),

-- Whoever would stand below the next one on the list by strict links alone owes the place to a weaker one.
told as (
    select
        release_id,
        centre_id,
        person_id,
        rank,
        intention_points,
        capacity_points,
        total_points,
        fired_count,
        unavailable_count,
        proposed_status,
        status,
        status_since,
        new_fact_date,
        weakest_match_weight,
        strict_intention_points,
        strict_capacity_points,
        not is_proposal_strict
        or (
            strict_intention_points + strict_capacity_points < total_points
            and coalesce(
                strict_intention_points + strict_capacity_points
                < lead(total_points) over (partition by centre_id order by rank),
                false
            )
        ) as rests_on_weak_link
    from ranked
)

select * from told
