with delivered as (
    select * from {{ state('skatteetaten', 'personer') }}
),

-- A delta row that was set aside leaves the earlier address in force, so what it said of protection must still count.
quarantined_as_protected as (
    select
        raw ->> 'part_id' as part_id,
        max(array_position({{ pinned('skatteetaten') }}, delivery_id)) as place
    from quarantine.rows
    where delivery_id = any({{ pinned('skatteetaten') }})
        and extract = 'personer'
        and coalesce(nullif(raw ->> 'adressebeskyttelse', ''), 'ugradert') <> 'ugradert'
    group by 1
),

protection as (
    select
        delivered.*,
        coalesce(adressebeskyttelse, '') <> 'ugradert'
        or coalesce(
            quarantined_as_protected.place >= array_position({{ pinned('skatteetaten') }}, delivered.delivery_id), false
        ) as is_address_protected
    from delivered
    left join quarantined_as_protected on delivered.part_id = quarantined_as_protected.part_id
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
        case when not is_address_protected then postnummer end as postcode,
        case when not is_address_protected then kommunenummer end as municipality_code,
        case when not is_address_protected then {{ clean_text('telefon') }} end as phone,
        {{ period_of('delivery_id') }} as period_first_seen,
        {{ newest_period('skatteetaten') }} as period_last_seen,
        is_address_protected
    from protection
)

select * from renamed
