{{ config(indexes=[{'columns': ['person_id']}, {'columns': ['street_address', 'postcode']}]) }}

-- Every address that any agency knows, so that also one who has since moved is seen to have lived there.
with homes as (
    select distinct
        links.person_id,
        records.street_address,
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
        count(*) over (partition by street_address, postcode) as resident_count
    from homes
)

select
    person_id,
    street_address,
    postcode
from counted
where resident_count <= {{ hub_limit('shared_home') }}
