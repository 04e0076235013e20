{{ config(indexes=[{'columns': ['from_orgnr']}, {'columns': ['to_orgnr']}]) }}

-- Whoever led the one and leads the other.
with led_on as (
    select distinct
        successors.orgnr,
        successors.successor_orgnr
    from {{ ref('successors') }} as successors
    inner join {{ ref('bankruptcies_led') }} as before on successors.orgnr = before.orgnr
    inner join {{ ref('leaderships') }} as after
        on before.person_id = after.person_id and successors.successor_orgnr = after.orgnr
    where {{ led_when_moved('after') }}
),

successions as (
    select
        successors.orgnr as from_orgnr,
        successors.successor_orgnr as to_orgnr,
        'succession' as tie,
        successors.started_date as first_date,
        null::date as last_date,
        1 as tie_count
    from {{ ref('successors') }} as successors
    left join led_on
        on successors.orgnr = led_on.orgnr and successors.successor_orgnr = led_on.successor_orgnr
    where (successors.has_same_address and successors.moved_count >= 2)
        or (
            (successors.has_same_address or successors.has_same_industry or successors.moved_count > 0)
            and led_on.orgnr is not null
        )
),

moved_staff as (
    select
        from_orgnr,
        to_orgnr,
        'moved_staff' as tie,
        first_date,
        null::date as last_date,
        moved_count::integer as tie_count
    from {{ ref('staff_moves') }}
),

-- A sole proprietor's business address is a home.
offices as (
    select
        address_key,
        postcode,
        orgnr,
        coalesce(founded_date, registered_date) as started_date,
        count(*) over (partition by address_key, postcode) as enterprise_count
    from {{ ref('registered_enterprises') }}
    where legal_form_code <> 'ENK'
        and address_key is not null
        and postcode is not null
        and coalesce(founded_date, registered_date) <= {{ as_of() }}
),

shared_addresses as (
    select
        one.orgnr as from_orgnr,
        other.orgnr as to_orgnr,
        'shared_address' as tie,
        greatest(one.started_date, other.started_date) as first_date,
        null::date as last_date,
        1 as tie_count
    from offices as one
    inner join offices as other
        on one.address_key = other.address_key
            and one.postcode = other.postcode
            and one.orgnr < other.orgnr
    where one.enterprise_count <= {{ hub_limit('shared_address') }}
),

-- A role that the register has left open ended with the one enterprise or the other.
roles_of_enterprises as (
    select
        roles.holder_orgnr as from_orgnr,
        roles.orgnr as to_orgnr,
        roles.valid_from,
        least(roles.valid_to, led.deleted_date, holders.deleted_date) as valid_to
    from {{ ref('person_roles') }} as roles
    left join {{ ref('registered_enterprises') }} as led on roles.orgnr = led.orgnr
    left join {{ ref('registered_enterprises') }} as holders on roles.holder_orgnr = holders.orgnr
    where roles.holder_orgnr is not null and roles.is_leading and roles.holder_orgnr <> roles.orgnr
        and roles.valid_from <= {{ as_of() }}
),

held_by_enterprises as (
    select
        from_orgnr,
        to_orgnr,
        'leading_role' as tie,
        min(valid_from) as first_date,
        case when bool_and(coalesce(valid_to <= {{ as_of() }}, false)) then max(valid_to) end as last_date,
        count(*)::integer as tie_count
    from roles_of_enterprises
    where coalesce(valid_to > greatest(valid_from, {{ as_of() }} - interval '10 years'), true)
    group by from_orgnr, to_orgnr
)

select * from successions
union all
select * from moved_staff
union all
select * from shared_addresses
union all
select * from held_by_enterprises
