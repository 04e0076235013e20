with leaders as (
    select
        person_roles.orgnr,
        person_roles.is_active,
        protected.person_id is not null as is_protected
    from {{ ref('person_roles') }} as person_roles
    left join {{ ref('protected_persons') }} as protected on person_roles.person_id = protected.person_id
    where person_roles.is_leading
        and person_roles.person_id is not null
),

-- Where nobody leads it now, those count who ever did.
led_by_protected as (
    select
        leaders.orgnr,
        enterprises.legal_form_code = 'ENK' as is_sole_proprietorship,
        coalesce(
            bool_and(leaders.is_protected) filter (where leaders.is_active), bool_and(leaders.is_protected)
        ) as is_led_by_protected_alone,
        enterprises.postcode,
        enterprises.address_key
    from leaders
    inner join {{ ref('registered_enterprises') }} as enterprises on leaders.orgnr = enterprises.orgnr
    group by
        leaders.orgnr, enterprises.legal_form_code, enterprises.postcode, enterprises.address_key
    having bool_or(leaders.is_protected)
),

-- Somebody's home by any agency's word: the protected person's own, or that of those around.
homes as (
    select distinct
        known.postcode,
        known.address_key
    from led_by_protected
    inner join {{ ref('homes_known') }} as known
        on led_by_protected.postcode = known.postcode and led_by_protected.address_key = known.address_key
),

-- Whoever leads it, if anybody: its address is a protected person's.
at_protected_address as (
    select distinct
        enterprises.orgnr,
        enterprises.legal_form_code = 'ENK' as is_sole_proprietorship
    from {{ ref('registered_enterprises') }} as enterprises
    cross join lateral meta.borne_address_digests(street_address, postcode) as digests (digest)
    inner join {{ ref('protected_addresses') }} as protected on digests.digest = protected.address_digest
),

hidden as (
    select
        led_by_protected.orgnr,
        led_by_protected.is_sole_proprietorship
    from led_by_protected
    left join homes
        on led_by_protected.postcode = homes.postcode and led_by_protected.address_key = homes.address_key
    where led_by_protected.is_sole_proprietorship
        or led_by_protected.is_led_by_protected_alone
        or homes.address_key is not null
    union
    select
        orgnr,
        is_sole_proprietorship
    from at_protected_address
)

select
    orgnr,
    -- A sole proprietor is the enterprise; of the others the municipality may be known.
    is_sole_proprietorship as is_municipality_hidden
from hidden
