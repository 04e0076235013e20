{{ config(indexes=[{'columns': ['person_id']}, {'columns': ['address_key', 'postcode']}]) }}

-- Every address that any agency knows, so that also one who has since moved is seen to have lived there.
with homes as (
    select distinct
        links.person_id,
        {{ address_key('records.street_address') }} as address_key,
        records.postcode
    from {{ ref('person_links') }} as links
    inner join {{ ref('person_records') }} as records
        on links.source = records.source and links.source_record_id = records.source_record_id
    where records.street_address is not null and records.postcode is not null
),

-- No agency delivers which flat: where more are known than live in one household, the address does not tell who lives
-- with whom.
counted as (
    select
        *,
        count(*) over (partition by address_key, postcode) <= {{ quantity('household') }} as is_household
    from homes
)

select
    person_id,
    address_key,
    postcode,
    is_household
from counted
where exists (
        select 1 from {{ ref('leaderships') }} as leaderships
        where leaderships.person_id = counted.person_id
    )
    and not exists (
        select 1 from {{ ref('protected_persons') }} as protected
        where protected.person_id = counted.person_id
    )
