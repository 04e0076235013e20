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
    where records.street_address is not null
        and records.postcode is not null
        and exists (
            select 1 from {{ ref('leaderships') }} as leaderships
            where leaderships.person_id = links.person_id
        )
        and not exists (
            select 1 from {{ ref('protected_persons') }} as protected
            where protected.person_id = links.person_id
        )
),

-- Barracks and boarding houses tie nobody together.
counted as (
    select
        *,
        count(*) over (partition by address_key, postcode) as resident_count
    from homes
)

select
    person_id,
    address_key,
    postcode
from counted
where resident_count <= {{ hub_limit('shared_home') }}
