with delivered as (
    select * from {{ state('politiet', 'personer') }}
),

renamed as (
    select
        'politiet'::text as source,
        'personer'::text as extract,
        person_lopenr as source_record_id,
        ident as identifier,
        null::text as previous_identifier,
        {{ clean_text('fornavn') }} as given_name,
        null::text as middle_name,
        {{ clean_text('etternavn') }} as family_name,
        {{ norwegian_date('fodselsdato') }} as birth_date,
        {{ clean_text('adresse') }} as street_address,
        {{ open_code('postnummer') }} as postcode,
        null::text as municipality_code,
        null::text as phone
    from delivered
)

select * from renamed
