with led as (
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        valid_from as event_date,
        orgnr,
        left(industry_code, 2) as industry,
        1.0 as strength,
        is_strict
    from {{ ref('leaderships') }}
    where valid_from <= {{ as_of() }}
        and coalesce(valid_to > {{ as_of() }} - make_interval(years => {{ quantity('look_back') }}), true)
    union all
    select
        person_id,
        agency,
        extract,
        source_row_id,
        event_date,
        orgnr,
        left(industry_code, 2),
        strength,
        is_strict
    from ({{ control_evidence() }}) as controlled
),

-- One enterprise an industry: the one that is led or controlled most surely.
evidence as (
    select distinct on (person_id, industry) *
    from led
    where industry is not null
    order by person_id, industry, strength desc, not is_strict, event_date, source_row_id
),

{{ observations('several_industries', value='round(sum(strength))') }}
