{{ config(indexes=[{'columns': ['person_id']}, {'columns': ['front_person_id', 'orgnr']}]) }}

with leaders as (
    select
        person_id,
        orgnr,
        role_id,
        valid_from,
        valid_to
    from {{ ref('leaderships') }}
),

-- Until when each led it, the last time.
led as (
    select
        person_id,
        orgnr,
        max(coalesce(valid_to, 'infinity')) as led_until
    from leaders
    group by person_id, orgnr
),

handed_over as (
    select
        handovers.person_id,
        handovers.taker_person_id as front_person_id,
        handovers.orgnr,
        handovers.orgnr as bankrupt_orgnr,
        'handover' as tie,
        handovers.role_id,
        handovers.taker_role_id as front_role_id,
        null::text as observation_id,
        handovers.handed_over_date as since_date,
        coalesce(led.led_until > handovers.handed_over_date, false) as has_own_role,
        handovers.is_strict
    from {{ ref('handovers') }} as handovers
    left join led on handovers.person_id = led.person_id and handovers.orgnr = led.orgnr
    where handovers.is_cover
),

successions as (
    select * from {{ ref('successions_of_persons') }}
    where is_carried_on
),

carried_on as (
    select
        successions.person_id,
        leaders.person_id as front_person_id,
        successions.successor_orgnr as orgnr,
        successions.orgnr as bankrupt_orgnr,
        'succession' as tie,
        successions.role_id,
        leaders.role_id as front_role_id,
        null::text as observation_id,
        leaders.valid_from as since_date,
        successions.has_own_role,
        successions.is_strict
    from successions
    inner join leaders
        on successions.successor_orgnr = leaders.orgnr
            and {{ undisputed('successions', "'brreg'", "'roller'", 'leaders.role_id') }}
    inner join {{ ref('close_persons') }} as close_ones
        on successions.person_id = close_ones.person_id and leaders.person_id = close_ones.other_person_id
    where {{ led_when_moved('leaders', 'successions') }}
),

met as (
    select
        successions.person_id,
        leaders.person_id as front_person_id,
        successions.successor_orgnr as orgnr,
        successions.orgnr as bankrupt_orgnr,
        'met_in_charge' as tie,
        successions.role_id,
        leaders.role_id as front_role_id,
        observed.observation_id,
        observed.event_date as since_date,
        successions.has_own_role,
        successions.is_strict and observed.is_strict as is_strict
    from successions
    inner join {{ ref('observed_leaders') }} as observed
        on successions.person_id = observed.person_id and successions.successor_orgnr = observed.orgnr
    -- Whoever is met in what nobody else is registered as leading, leads it through nobody.
    inner join leaders
        on successions.successor_orgnr = leaders.orgnr
            and successions.person_id <> leaders.person_id
            and {{ led_on('observed.event_date', 'leaders') }}
            and {{ undisputed('successions', "'brreg'", "'roller'", 'leaders.role_id') }}
),

covers as (
    select * from handed_over
    union all
    select * from carried_on
    union all
    select * from met
)

select * from covers
