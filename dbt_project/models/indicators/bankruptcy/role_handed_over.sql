with handovers as (
    select * from {{ ref('handovers') }}
    where is_taker_new
),

evidence as (
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        handed_over_date as event_date,
        orgnr
    from handovers
    union all
    select
        person_id,
        'brreg',
        'roller',
        taker_role_id,
        handed_over_date,
        orgnr
    from handovers
),

{{ observations('role_handed_over', value='count(distinct orgnr)') }}
