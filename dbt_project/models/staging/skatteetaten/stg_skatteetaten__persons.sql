with delivered as (
    select * from {{ state('skatteetaten', 'personer') }}
),

protection as (
    select
        *,
        coalesce(adressebeskyttelse, '') <> 'ugradert'
        or part_id in (select said.source_record_id from {{ ref('stg_skatteetaten__protections') }} as said)
            as is_address_protected
    from delivered
),

renamed as (
    select
        'skatteetaten'::text as source,
        'personer'::text as extract,
        part_id as source_record_id,
        ident as identifier,
        tidligere_ident as previous_identifier,
        {{ clean_text('fornavn') }} as given_name,
        {{ clean_text('mellomnavn') }} as middle_name,
        {{ clean_text('etternavn') }} as family_name,
        {{ iso_date('fodselsdato') }} as birth_date,
        case when not is_address_protected then {{ clean_text('adresse') }} end as street_address,
        case when not is_address_protected then {{ open_code('postnummer') }} end as postcode,
        case when not is_address_protected then {{ open_code('kommunenummer') }} end as municipality_code,
        case when not is_address_protected then {{ clean_text('telefon') }} end as phone
    from protection
)

select * from renamed
