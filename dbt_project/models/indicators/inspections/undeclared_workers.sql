with undeclared as (
    select distinct on (leaderships.person_id, met.observation_id)
        leaderships.person_id,
        leaderships.role_id,
        met.orgnr,
        met.inspection_date as event_date,
        met.inspection_id,
        met.observation_id,
        met.worker_person_id,
        leaderships.is_strict and met.is_strict as is_strict
    from {{ ref('unregistered_workers') }} as met
    inner join {{ ref('leaderships') }} as leaderships on met.orgnr = leaderships.orgnr
    where {{ led_on('met.inspection_date') }}
        and leaderships.person_id <> met.worker_person_id
        and {{ undisputed('leaderships', "'arbeidstilsynet'", "'tilsyn'", 'met.inspection_id') }}
    order by
        leaderships.person_id, met.observation_id,
        not leaderships.is_strict, leaderships.valid_from, leaderships.role_id
),

evidence as (
    select
        person_id,
        'arbeidstilsynet' as agency,
        'personer_paa_stedet' as extract,
        observation_id as source_row_id,
        event_date,
        orgnr,
        inspection_id,
        worker_person_id,
        is_strict
    from undeclared
    union all
    {{ role_evidence('undeclared', more='inspection_id, null as worker_person_id,') }}
),

{{ observations(
    'undeclared_workers', value='count(distinct worker_person_id)',
    event='inspection_id', by_role=true
) }}
