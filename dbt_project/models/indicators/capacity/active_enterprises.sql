with evidence as (
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        valid_from as event_date,
        orgnr,
        is_strict
    from {{ ref('leaderships') }}
    where is_active and coalesce(bankruptcy_date > {{ as_of() }}, true)
),

{{ observations('active_enterprises', value='count(distinct orgnr)') }}
