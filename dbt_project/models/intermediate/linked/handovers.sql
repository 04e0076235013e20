{{ config(indexes=[{'columns': ['person_id']}]) }}

with left_before as (
    select *
    from {{ ref('bankruptcies_led') }}
    where valid_to < bankruptcy_date
),

-- Somebody else takes the same role shortly before or after its being left, and the enterprise then goes bankrupt.
takings as (
    select
        left_before.person_id,
        left_before.orgnr,
        left_before.role_id,
        left_before.is_strict,
        left_before.bankruptcy_date,
        left_before.valid_to as handed_over_date,
        taken.person_id as taker_person_id,
        taken.role_id as taker_role_id
    from left_before
    inner join {{ ref('leaderships') }} as taken
        on left_before.orgnr = taken.orgnr
            and left_before.role_code = taken.role_code
            and left_before.person_id <> taken.person_id
            and taken.valid_from between left_before.valid_to - {{ quantity('handed_over') }}
            and left_before.valid_to + {{ quantity('handed_over') }}
            and taken.valid_from <= left_before.bankruptcy_date
),

described as (
    select
        takings.*,
        not exists (
            select 1 from {{ ref('leaderships') }} as other
            where other.person_id = takings.taker_person_id
                and other.orgnr <> takings.orgnr
                and other.valid_from < takings.handed_over_date
        ) as is_taker_new,
        takings.person_id in (
            select other.person_id
            from {{ ref('bankruptcies_led') }} as other
            where other.orgnr <> takings.orgnr
                and other.bankruptcy_date <= takings.bankruptcy_date
                and {{ is_recent('other.bankruptcy_date', 'role_handed_over') }}
        ) as has_giver_been_bankrupt,
        takings.taker_person_id in (
            select taker.person_id
            from {{ ref('homes_of_persons') }} as giver
            inner join {{ ref('homes_of_persons') }} as taker
                on giver.address_key = taker.address_key and giver.postcode = taker.postcode
            where giver.person_id = takings.person_id and giver.is_household
        ) as has_shared_home,
        takings.orgnr in (
            select observed.orgnr
            from {{ ref('observed_leaders') }} as observed
            where observed.person_id = takings.person_id and observed.event_date > takings.handed_over_date
        ) as is_giver_still_leading,
        takings.taker_person_id in (
            select leaders.person_id
            from {{ ref('successors') }} as successors
            inner join {{ ref('leaderships') }} as leaders on successors.successor_orgnr = leaders.orgnr
            where successors.orgnr = takings.orgnr
                and {{ carries_on() }}
                and {{ led_when_moved('leaders') }}
        ) as is_taker_carrying_on,
        takings.taker_person_id in (
            select leaders.person_id
            from {{ ref('successors') }} as successors
            inner join {{ ref('leaderships') }} as leaders on successors.successor_orgnr = leaders.orgnr
            where successors.orgnr = takings.orgnr
                and successors.started_date < takings.bankruptcy_date
                and {{ carries_on() }}
                and {{ led_when_moved('leaders') }}
        ) as is_carried_on_before
    from takings
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

-- One taker for each: the one that looks most like a cover.
handed_over as (
    select distinct on (person_id, orgnr) *
    from covered
    order by
        person_id, orgnr, not is_strict, not is_cover,
        not ((is_taker_new and is_giver_still_leading) or is_taker_carrying_on), not has_shared_home,
        handed_over_date desc, taker_role_id
)

select * from handed_over
