-- An order alone is what most inspections end in.
with led as (
    select * from {{ ref('inspections_led') }}
    where stop_count + fine_count + police_report_count > 0
),

reactions as (
    select * from {{ ref('reactions_decided') }}
    where not is_reversed and reaction_code <> 'paalegg'
),

evidence as (
    select
        led.person_id,
        'arbeidstilsynet' as agency,
        'reaksjoner' as extract,
        reactions.reaction_id as source_row_id,
        reactions.decided_date as event_date,
        led.orgnr,
        led.inspection_id,
        led.event_date as held_on,
        led.is_strict
    from led
    inner join reactions on led.inspection_id = reactions.inspection_id
    union all
    {{ role_evidence('led', more='inspection_id, event_date as held_on,') }}
),

{{ observations(
    'repeated_reactions', value='count(distinct orgnr)', event='inspection_id', by_role=true,
    held_on='evidence.held_on'
) }}
