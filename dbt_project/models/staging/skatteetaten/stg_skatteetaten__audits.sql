with delivered as (
    select * from {{ state('skatteetaten', 'kontroller') }}
),

renamed as (
    select
        kontroll_id as audit_id,
        {{ valid_orgnr('orgnr') }} as orgnr,
        part_id as source_record_id,
        type as audit_type_code,
        {{ iso_date('dato') }} as audit_date,
        {{ whole_number('etterberegnet_mva') }} as reassessed_vat_amount_nok,
        {{ whole_number('etterberegnet_skatt') }} as reassessed_tax_amount_nok,
        {{ whole_number('tilleggsskatt') }} as penalty_tax_amount_nok,
        {{ yes_no('fiktiv_faktura') }} as has_fictitious_invoice,
        {{ iso_date('anmeldt_dato') }} as reported_date
    from delivered
)

select * from renamed
