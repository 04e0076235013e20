with delivered as (
    select * from {{ state('nav', 'saker') }}
),

renamed as (
    select
        sak_id as benefit_case_id,
        nav_id as source_record_id,
        ytelseskode as benefit_code,
        {{ whole_number('feilutbetalt_beloep') }} as overpaid_amount_nok,
        {{ iso_date('periode_fra') }} as benefit_from,
        {{ iso_date('periode_til') }} as benefit_to,
        aarsak as cause_code,
        {{ valid_orgnr('arbeidsgiver_orgnr') }} as employer_orgnr,
        {{ yes_no('vedtak_endret') }} as is_decision_changed,
        {{ iso_date('anmeldt_dato') }} as reported_date
    from delivered
)

select * from renamed
