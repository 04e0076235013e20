with delivered as (
    select * from {{ state('brreg', 'enheter') }}
),

renamed as (
    select
        organisasjonsnummer as orgnr,
        {{ clean_text('navn') }} as enterprise_name,
        {{ open_code('organisasjonsform_kode') }} as legal_form_code,
        {{ clean_text('forretningsadresse_adresse') }} as street_address,
        {{ open_code('forretningsadresse_postnummer') }} as postcode,
        {{ clean_text('forretningsadresse_poststed') }} as city,
        {{ open_code('forretningsadresse_kommunenummer') }} as municipality_code,
        {{ open_code('naeringskode1_kode') }} as industry_code,
        {{ clean_text('naeringskode1_beskrivelse') }} as industry_name,
        {{ whole_number('antallansatte') }} as employee_count,
        {{ iso_date('stiftelsesdato') }} as founded_date,
        {{ iso_date('registreringsdatoenhetsregisteret') }} as registered_date,
        {{ iso_date('slettedato') }} as deleted_date,
        coalesce({{ yes_no('konkurs') }}, false) or konkursdato is not null as is_bankrupt,
        {{ iso_date('konkursdato') }} as bankruptcy_date,
        coalesce({{ yes_no('underavvikling') }}, false) as is_winding_up,
        coalesce({{ yes_no('undertvangsavviklingellertvangsopplosning') }}, false) as is_compulsory_dissolution,
        coalesce({{ yes_no('registrertimvaregisteret') }}, false) as is_vat_registered
    from delivered
)

select * from renamed
