with roles as (
    select * from {{ ref('stg_brreg__roles') }}
),

person_records as (
    select
        'brreg'::text as source,
        'roller'::text as extract,
        role_id as source_record_id,
        identifier,
        null::text as previous_identifier,
        given_name,
        middle_name,
        family_name,
        birth_date,
        null::text as street_address,
        null::text as postcode,
        null::text as municipality_code,
        null::text as phone
    from roles
    where is_held_by_person
)

select * from person_records
