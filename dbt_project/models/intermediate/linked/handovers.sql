{{ config(indexes=[{'columns': ['person_id']}]) }}

with takings as (
    select * from {{ ref('roles_taken_over') }}
),

still_leading as (
    select distinct
        takings.person_id,
        takings.orgnr,
        takings.handed_over_date
    from takings
    inner join {{ ref('observed_leaders') }} as observed
        on takings.person_id = observed.person_id and takings.orgnr = observed.orgnr
    where observed.event_date > takings.handed_over_date
),

carrying_on as (
    select
        takings.taker_person_id,
        takings.orgnr,
        bool_or(successors.started_date < takings.bankruptcy_date) as is_before
    from takings
    inner join {{ ref('successors') }} as successors on takings.orgnr = successors.orgnr
    inner join {{ ref('leaderships') }} as leaders
        on successors.successor_orgnr = leaders.orgnr and takings.taker_person_id = leaders.person_id
    where {{ carries_on() }}
        and {{ led_when_moved('leaders') }}
    group by takings.taker_person_id, takings.orgnr
),

described as (
    select
        takings.*,
        still_leading.orgnr is not null as is_giver_still_leading,
        carrying_on.orgnr is not null as is_taker_carrying_on,
        coalesce(carrying_on.is_before, false) as is_carried_on_before
    from takings
    left join still_leading
        on takings.person_id = still_leading.person_id
            and takings.orgnr = still_leading.orgnr
            and takings.handed_over_date = still_leading.handed_over_date
    left join carrying_on
        on takings.taker_person_id = carrying_on.taker_person_id and takings.orgnr = carrying_on.orgnr
),

-- A role left in order is none: the one who left is still in charge, or two signs tell that the taker stands there
-- for him. A buyer of the estate comes after the bankruptcy.
covered as (
    select
        described.*,
        is_giver_still_leading
        or has_shared_home::int + has_giver_been_bankrupt::int + is_taker_carrying_on::int + is_carried_on_before::int
        >= 2 as is_cover
    from described
),

-- One taker for each: the one that looks most like a cover, however sure that is. A role left in order hides none.
handed_over as (
    select distinct on (person_id, orgnr) *
    from covered
    order by
        person_id, orgnr, not is_cover, not is_strict,
        not ((is_taker_new and is_giver_still_leading) or is_taker_carrying_on), not has_shared_home,
        handed_over_date desc, taker_role_id, role_id
)

select * from handed_over
