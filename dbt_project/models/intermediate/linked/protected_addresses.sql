{{ config(indexes=[{'columns': ['address_digest']}]) }}

-- The home of a protected person by any agency's word. What the tax agency says comes as digests; the rest is made so.
with told_by_others as (
    select
        records.street_address,
        records.postcode
    from {{ ref('protected_persons') }} as protected
    inner join {{ ref('person_links') }} as links on protected.person_id = links.person_id
    inner join {{ ref('person_records') }} as records
        on links.source = records.source and links.source_record_id = records.source_record_id
    where records.street_address is not null
    union
    -- A sole proprietor's business address counts as her own.
    select
        enterprises.street_address,
        enterprises.postcode
    from {{ ref('protected_persons') }} as protected
    inner join {{ ref('person_roles') }} as roles on protected.person_id = roles.person_id and roles.is_leading
    inner join {{ ref('registered_enterprises') }} as enterprises on roles.orgnr = enterprises.orgnr
    where enterprises.legal_form_code = 'ENK' and enterprises.street_address is not null
),

addresses as (
    select address_digest from {{ ref('stg_skatteetaten__protections') }}
    where address_digest is not null
    union
    select digests.digest
    from told_by_others
    cross join lateral meta.protected_address_digests(street_address, postcode) as digests (digest)
)

select * from addresses
