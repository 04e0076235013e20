with delivered as (
    select * from {{ state('brreg', 'roller') }}
),

renamed as (
    select
        rolle_id as role_id,
        organisasjonsnummer as orgnr,
        type_kode as role_code,
        person_fodselsdato is not null or person_navn_etternavn is not null as is_held_by_person,
        {{ valid_orgnr('enhet_organisasjonsnummer') }} as holder_orgnr,
        {{ iso_date('fra') }} as valid_from,
        {{ iso_date('til') }} as valid_to,
        person_fodselsnummer as identifier,
        {{ clean_text('person_navn_fornavn') }} as given_name,
        {{ clean_text('person_navn_mellomnavn') }} as middle_name,
        {{ clean_text('person_navn_etternavn') }} as family_name,
        {{ iso_date('person_fodselsdato') }} as birth_date
    from delivered
)

select * from renamed
