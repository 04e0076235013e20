with evidence as (
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        valid_from as event_date,
        orgnr,
        left(industry_code, 2) as industry,
        is_strict
    from {{ ref('leaderships') }}
    where valid_from <= {{ as_of() }}
        and coalesce(valid_to > {{ as_of() }} - interval '5 years', true)
),

{{ observations('several_industries', value='count(distinct industry)') }}
