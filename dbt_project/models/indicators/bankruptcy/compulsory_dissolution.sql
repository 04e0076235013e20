with leaderships as (
    select *
    from {{ ref('leaderships') }} as leaderships
    where is_compulsory_dissolution and {{ led_shortly_before(as_of()) }}
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
    {{ role_evidence('leaderships', date='valid_from') }}
),

{{ observations('compulsory_dissolution', value='count(distinct orgnr)', by_role=true, held_on=as_of()) }}
