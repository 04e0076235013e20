with audits as (
    select
        audit_id,
        orgnr,
        source_record_id,
        audit_date as event_date,
        has_fictitious_invoice,
        coalesce(reassessed_vat_amount_nok, 0)
        + coalesce(reassessed_tax_amount_nok, 0)
        + coalesce(penalty_tax_amount_nok, 0) as reassessed_amount_nok
    from {{ ref('stg_skatteetaten__audits') }}
    where audit_date <= {{ as_of() }}
),

{{ own_and_of_led_enterprises('audits', 'audit_id', 'kontroller', 'audits.event_date') }}
