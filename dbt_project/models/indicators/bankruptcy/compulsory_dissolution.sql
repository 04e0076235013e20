with leaderships as (
    select *
    from {{ ref('leaderships') }}
    where is_compulsory_dissolution
        and valid_from <= {{ as_of() }}
        and coalesce(valid_to >= {{ as_of() }} - 365, true)
),

evidence as (
    select
        person_id,
        'brreg' as agency,
        'enheter' as extract,
        orgnr as source_row_id,
        null::date as event_date,
        orgnr,
        is_strict
    from leaderships
    union all
    select
        person_id,
        'brreg',
        'roller',
        role_id,
        valid_from,
        orgnr,
        is_strict
    from leaderships
),

{{ observations('compulsory_dissolution', value='count(distinct orgnr)') }}
