{{ config(indexes=[{'columns': ['person_id']}, {'columns': ['address_key'], 'type': 'hash'}]) }}

-- No agency delivers which flat: where more are known than live in one household, the address does not tell who lives
-- with whom.
with counted as (
    select
        address_key,
        postcode,
        count(*) <= {{ quantity('household') }} as is_household
    from {{ ref('homes_known') }}
    group by address_key, postcode
)

select
    homes.person_id,
    homes.address_key,
    homes.postcode,
    counted.is_household
from {{ ref('homes_known') }} as homes
inner join counted on homes.address_key = counted.address_key and homes.postcode = counted.postcode
where exists (
        select 1 from {{ ref('leaderships') }} as leaderships
        where leaderships.person_id = homes.person_id
    )
    and not exists (
        select 1 from {{ ref('protected_persons') }} as protected
        where protected.person_id = homes.person_id
    )
