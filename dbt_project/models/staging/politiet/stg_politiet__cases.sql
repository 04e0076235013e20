with delivered as (
    select * from {{ state('politiet', 'saker') }}
),

renamed as (
    select
        saksnummer as case_number,
        {{ norwegian_date('anmeldt_dato') }} as reported_date,
        anmelder as reporter_code,
        -- Held against the agencies' ids as it was sent; free text, so that it may go no further.
        {{ trimmed_text('anmelder_ref') }} as reporter_reference,
        lovbruddskategori as offence_category_code,
        {{ valid_orgnr('orgnr') }} as orgnr,
        avgjorelse as outcome_code,
        {{ norwegian_date('avgjorelse_dato') }} as outcome_date
    from delivered
)

select * from renamed
