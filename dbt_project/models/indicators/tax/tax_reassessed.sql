with audits as (
    select * from {{ ref('audits_of_persons') }}
    where reassessed_amount_nok > 0
),

evidence as (
    select
        person_id,
        'skatteetaten' as agency,
        'kontroller' as extract,
        audit_id as source_row_id,
        event_date,
        orgnr,
        reassessed_amount_nok as amount_nok,
        is_strict
    from audits
    union all
    select
        person_id,
        'brreg',
        'roller',
        role_id,
        event_date,
        orgnr,
        0,
        is_strict
    from audits
    where role_id is not null
),

{{ observations(
    'tax_reassessed', value='sum(amount_nok)',
    event="case extract when 'kontroller' then source_row_id end", by_role=true
) }}
