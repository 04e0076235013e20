{#
    The business of a bankrupt enterprise goes on in another in which its former leader has no role: those who lead it
    now took over his role, live where he lives, or the labour inspection met him there as the one in charge.
#}
with successions as (
    select * from {{ ref('successions_without_role') }}
),

covered as (
    select distinct
        successions.person_id,
        successions.successor_orgnr,
        leaderships.role_id as cover_role_id,
        leaderships.valid_from as cover_from
    from successions
    inner join {{ ref('leaderships') }} as leaderships on successions.successor_orgnr = leaderships.orgnr
    inner join {{ ref('close_persons') }} as close_ones
        on successions.person_id = close_ones.person_id and leaderships.person_id = close_ones.other_person_id
),

met as (
    select
        successions.person_id,
        successions.successor_orgnr,
        leaders.observation_id,
        leaders.event_date,
        leaders.is_strict
    from successions
    inner join {{ ref('observed_leaders') }} as leaders
        on successions.person_id = leaders.person_id and successions.successor_orgnr = leaders.orgnr
),

behind as (
    select
        person_id,
        successor_orgnr,
        bool_or(is_strict) as is_strict
    from (
        select
            person_id,
            successor_orgnr,
            true as is_strict
        from covered
        union all
        select
            person_id,
            successor_orgnr,
            is_strict
        from met
    ) as signs
    group by person_id, successor_orgnr
),

evidence as (
    select
        successions.person_id,
        'brreg' as agency,
        'roller' as extract,
        successions.role_id as source_row_id,
        successions.bankruptcy_date as event_date,
        successions.orgnr,
        behind.successor_orgnr,
        successions.is_strict and behind.is_strict as is_strict
    from successions
    inner join behind
        on successions.person_id = behind.person_id and successions.successor_orgnr = behind.successor_orgnr
    union all
    select
        successions.person_id,
        'brreg',
        'enheter',
        successions.successor_orgnr,
        successions.started_date,
        successions.successor_orgnr,
        behind.successor_orgnr,
        successions.is_strict and behind.is_strict
    from successions
    inner join behind
        on successions.person_id = behind.person_id and successions.successor_orgnr = behind.successor_orgnr
    union all
    select
        successions.person_id,
        'brreg',
        'roller',
        covered.cover_role_id,
        covered.cover_from,
        covered.successor_orgnr,
        covered.successor_orgnr,
        successions.is_strict
    from covered
    inner join successions
        on covered.person_id = successions.person_id and covered.successor_orgnr = successions.successor_orgnr
    union all
    select
        met.person_id,
        'arbeidstilsynet',
        'personer_paa_stedet',
        met.observation_id,
        met.event_date,
        met.successor_orgnr,
        met.successor_orgnr,
        met.is_strict and successions.is_strict
    from met
    inner join successions
        on met.person_id = successions.person_id and met.successor_orgnr = successions.successor_orgnr
),

{{ observations('leads_through_others', value='count(distinct successor_orgnr)') }}
