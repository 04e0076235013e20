{{ config(indexes=[{'columns': ['person_id']}]) }}

select distinct on (links.person_id)
    links.person_id,
    records.street_address,
    records.postcode,
    coalesce(records.municipality_code, postcodes.municipality_code) as municipality_code,
    records.source as address_agency
from {{ ref('persons_of_interest') }} as of_interest
inner join {{ ref('person_links') }} as links on of_interest.person_id = links.person_id
inner join {{ ref('person_records') }} as records
    on links.source = records.source and links.source_record_id = records.source_record_id
left join {{ ref('postcode_municipalities') }} as postcodes on records.postcode = postcodes.postcode
where (records.postcode is not null or records.municipality_code is not null)
    and not exists (
        select 1 from {{ ref('protected_persons') }} as protected
        where protected.person_id = links.person_id
    )
order by links.person_id, {{ best_first() }}
