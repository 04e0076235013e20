with delivered as (
    select * from {{ state('arbeidstilsynet', 'personer_paa_stedet') }}
),

renamed as (
    select
        'arbeidstilsynet'::text as source,
        'personer_paa_stedet'::text as extract,
        observasjon_id as source_record_id,
        ident as identifier,
        null::text as previous_identifier,
        {{ clean_text('fornavn') }} as given_name,
        null::text as middle_name,
        {{ clean_text('etternavn') }} as family_name,
        {{ iso_date('fodselsdato') }} as birth_date,
        {{ clean_text('adresse') }} as street_address,
        {{ open_code('postnummer') }} as postcode,
        null::text as municipality_code,
        null::text as phone,
        tilsyn_id as inspection_id,
        rolle as observed_role_code,
        {{ valid_orgnr('arbeidsgiver_orgnr') }} as employer_orgnr,
        arbeidsgiver_orgnr is not null and not meta.is_orgnr(arbeidsgiver_orgnr) as is_employer_orgnr_invalid
    from delivered
)

select * from renamed
