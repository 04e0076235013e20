with severe as (
    select * from {{ ref('inspections_led') }}
    where is_severe
),

evidence as (
    select
        person_id,
        'arbeidstilsynet' as agency,
        'tilsyn' as extract,
        inspection_id as source_row_id,
        event_date,
        orgnr,
        is_strict
    from severe
    union all
    {{ role_evidence('severe') }}
),

{{ observations(
    'severe_inspections', value="count(distinct source_row_id) filter (where extract = 'tilsyn')",
    event="case extract when 'tilsyn' then source_row_id end", by_role=true
) }}
