{{ config(indexes=[{'columns': ['person_id']}]) }}

-- Every address that any agency knows, so that also one who has since moved is seen to have lived there.
select distinct
    links.person_id,
    {{ address_key('records.street_address') }} as address_key,
    records.postcode
from {{ ref('person_links') }} as links
inner join {{ ref('person_records') }} as records
    on links.source = records.source and links.source_record_id = records.source_record_id
where records.street_address is not null and records.postcode is not null
