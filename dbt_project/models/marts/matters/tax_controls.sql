with audits as (
    select * from {{ ref('stg_skatteetaten__audits') }}
    where audit_date <= {{ as_of() }}
),

{{ with_persons('audits', 'skatteetaten', 'kontroller', 'audit_id') }},

controls as (
    select
        {{ release_id() }} as release_id,
        audit_id,
        orgnr,
        person_id,
        audit_type_code,
        audit_date,
        reassessed_vat_amount_nok,
        reassessed_tax_amount_nok,
        penalty_tax_amount_nok,
        has_fictitious_invoice,
        reported_date
    from named
)

select * from controls
