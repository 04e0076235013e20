with described as (
    select * from {{ ref('persons_described') }}
),

named as (
    select
        {{ release_id() }} as release_id,
        described.person_id,
        described.full_name,
        described.given_name,
        described.middle_name,
        described.family_name,
        described.birth_date,
        described.street_address,
        described.postcode,
        described.municipality_code,
        municipalities.municipality_name,
        described.has_protected_address,
        described.agencies,
        described.record_count,
        described.weakest_match_weight,
        described.name_agency,
        described.birth_date_agency,
        described.address_agency
    from described
    left join {{ ref('municipalities') }} as municipalities
        on described.municipality_code = municipalities.municipality_code
)

select * from named
