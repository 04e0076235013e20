{%- set is_told = "withheld.indicator_code is null" -%}
-- Of several decisions on a person for one period the newest is what the centre says of it.
with newest as (
    select distinct on (centre_id, person_id, split_part(decided_release_id, '.', 1))
        *,
        split_part(decided_release_id, '.', 1) as period
    from {{ ref('decisions_of_persons') }}
    order by
        centre_id, person_id, split_part(decided_release_id, '.', 1), decided_date desc, decision_id desc
),

-- What each of those releases itself said; an id that was merged later is asked for under the id it had then. Of an
-- earlier release that no longer has the person nothing is known, which is not zero.
ids as (
    select
        newest.decided_release_id as release_id,
        newest.centre_id,
        newest.person_id,
        newest.decided_person_id as then_person_id
    from newest
    inner join {{ ref('release_persons') }} as kept
        on newest.decided_release_id = kept.release_id and newest.decided_person_id = kept.person_id
    union
    select
        {{ release_id() }},
        centre_id,
        person_id,
        person_id
    from newest
),

-- Of either release what the centre may be told now, with capacity where enough of intention is left.
points as (
    select
        ids.release_id,
        ids.centre_id,
        ids.person_id,
        sum(observations.points) filter (where {{ is_told }} and observations.dimension = 'intention')
            as intention_points,
        case
            when bool_and({{ is_told }} or observations.points = 0 or observations.dimension = 'capacity')
                or sum(observations.points) filter (where {{ is_told }} and observations.dimension = 'intention')
                >= {{ quantity('capacity_counts') }}
                then sum(observations.points) filter (where {{ is_told }} and observations.dimension = 'capacity')
        end as capacity_points
    from ids
    inner join {{ ref('indicator_observations') }} as observations
        on ids.release_id = observations.release_id and ids.then_person_id = observations.person_id
    left join {{ ref('withheld_rules') }} as withheld
        on withheld.release_id = {{ release_id() }}
            and ids.centre_id = withheld.withheld_from
            and observations.indicator_code = withheld.indicator_code
    group by ids.release_id, ids.centre_id, ids.person_id
),

roles_led as (
    select
        ids.release_id,
        ids.centre_id,
        ids.person_id,
        count(*) as active_roles
    from ids
    inner join {{ ref('roles') }} as roles
        on ids.release_id = roles.release_id and ids.then_person_id = roles.person_id
    left join {{ ref('enterprises') }} as enterprises
        on roles.release_id = enterprises.release_id and roles.orgnr = enterprises.orgnr
    -- What is bankrupt nobody leads any more. Releases of older versions do not say who led on their day.
    where coalesce(
            roles.is_leading_today, roles.is_active and roles.is_leading and enterprises.is_bankrupt is not true
        )
    group by ids.release_id, ids.centre_id, ids.person_id
),

facts as (
    select
        ids.release_id,
        ids.centre_id,
        ids.person_id,
        coalesce(points.intention_points, 0)::integer as intention_points,
        coalesce(points.capacity_points, 0)::integer as capacity_points,
        coalesce(roles_led.active_roles, 0)::integer as active_roles
    from ids
    left join points
        on ids.release_id = points.release_id and ids.centre_id = points.centre_id and ids.person_id = points.person_id
    left join roles_led
        on ids.release_id = roles_led.release_id
            and ids.centre_id = roles_led.centre_id
            and ids.person_id = roles_led.person_id
)

select
    newest.centre_id,
    newest.person_id,
    newest.period as decided_period,
    newest.decision_id,
    newest.decided_release_id,
    newest.decided_date,
    newest.decided_sequence,
    newest.status,
    newest.capacity_change,
    newest.intention_change,
    earlier.intention_points as intention_points_then,
    now.intention_points as intention_points_now,
    earlier.capacity_points as capacity_points_then,
    now.capacity_points as capacity_points_now,
    earlier.active_roles as active_leading_roles_then,
    now.active_roles as active_leading_roles_now
from newest
left join facts as earlier
    on newest.decided_release_id = earlier.release_id
        and newest.centre_id = earlier.centre_id
        and newest.person_id = earlier.person_id
left join facts as now
    on now.release_id = {{ release_id() }}
        and newest.centre_id = now.centre_id
        and newest.person_id = now.person_id
