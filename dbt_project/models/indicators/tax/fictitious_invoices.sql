with audits as (
    select * from {{ ref('audits_of_persons') }}
    where has_fictitious_invoice
),

evidence as (
    select
        person_id,
        'skatteetaten' as agency,
        'kontroller' as extract,
        audit_id as source_row_id,
        event_date,
        orgnr,
        is_strict
    from audits
    union all
    {{ role_evidence('audits') }}
    where role_id is not null
),

{{ observations(
    'fictitious_invoices', value="count(distinct source_row_id) filter (where extract = 'kontroller')",
    event="case extract when 'kontroller' then source_row_id end", by_role=true
) }}
