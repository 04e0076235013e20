{{ config(indexes=[{'columns': ['person_id']}]) }}

-- The home of whoever leads it is the address of all that he owns: there, being at the same one tells nothing.
with successors as (
    select
        successors.*,
        started.address_key,
        started.postcode
    from {{ ref('successors') }} as successors
    inner join {{ ref('registered_enterprises') }} as started on successors.successor_orgnr = started.orgnr
),

led as (
    select
        bankruptcies.person_id,
        bankruptcies.role_id,
        bankruptcies.is_strict,
        successors.*,
        homes.person_id is not null as is_at_home
    from successors
    inner join {{ ref('bankruptcies_led') }} as bankruptcies on successors.orgnr = bankruptcies.orgnr
    left join {{ ref('homes_of_persons') }} as homes
        on bankruptcies.person_id = homes.person_id
            and successors.address_key = homes.address_key
            and successors.postcode = homes.postcode
    where {{ undisputed('bankruptcies', "'brreg'", "'enheter'", 'successors.successor_orgnr') }}
),

own as (
    select
        led.person_id,
        led.orgnr,
        led.successor_orgnr,
        bool_or(leaderships.is_strict) as is_strict
    from led
    inner join {{ ref('leaderships') }} as leaderships
        on led.person_id = leaderships.person_id and led.successor_orgnr = leaderships.orgnr
    where {{ led_when_moved('leaderships', 'led') }}
    group by led.person_id, led.orgnr, led.successor_orgnr
),

successions as (
    select
        led.person_id,
        led.role_id,
        led.orgnr,
        led.successor_orgnr,
        led.bankruptcy_date,
        led.started_date,
        led.moved_date,
        led.is_strict,
        own.person_id is not null as has_own_role,
        coalesce(own.is_strict, false) as is_own_role_strict,
        (led.has_same_address and not led.is_at_home)::int + led.has_same_industry::int + (led.moved_count > 0)::int
        >= 2 as is_alike,
        led.moved_count >= 2 or (led.has_same_address and not led.is_at_home) as is_carried_on,
        -- A buyer of the estate comes after the bankruptcy.
        led.has_same_address
        and led.has_same_industry
        and led.moved_before_count >= 2
        and led.started_date < led.bankruptcy_date as is_moved_before
    from led
    left join own
        on led.person_id = own.person_id and led.orgnr = own.orgnr and led.successor_orgnr = own.successor_orgnr
)

select * from successions
