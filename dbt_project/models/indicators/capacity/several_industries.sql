with recent as (
    select * from {{ ref('leaderships') }}
    where valid_from <= {{ as_of() }}
        and coalesce(valid_to - 1 > {{ as_of() }} - make_interval(years => {{ quantity('look_back') }}), true)
),

led as (
    {{ role_evidence(
        'recent', date='valid_from',
        more='industry_group, municipality_code, 1.0 as strength, null::text as through_orgnrs,'
    ) }}
    union all
    {{ control_evidence() }}
),

-- One enterprise an industry: the one that is led or controlled most surely.
evidence as (
    select distinct on (person_id, left(industry_group, 2))
        *,
        left(industry_group, 2) as industry
    from led
    where industry_group is not null
    order by
        person_id, left(industry_group, 2), strength desc, not is_strict, event_date, source_row_id
),

{{ observations('several_industries', value='round(sum(strength))', through=true) }}
