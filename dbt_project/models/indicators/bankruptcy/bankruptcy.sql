with bankruptcies as (
    select *
    from {{ ref('bankruptcies_led') }}
    where bankruptcy_date > {{ as_of() }} - interval '10 years'
),

evidence as (
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        bankruptcy_date as event_date,
        orgnr,
        is_strict
    from bankruptcies
    union all
    select
        person_id,
        'brreg',
        'enheter',
        orgnr,
        bankruptcy_date,
        orgnr,
        is_strict
    from bankruptcies
),

{{ observations('bankruptcy', value='count(distinct orgnr)') }}
