{{ config(indexes=[{'columns': ['person_id']}]) }}

with leaderships as (
    select * from {{ ref('leaderships') }}
),

led as (
    select distinct on (leaderships.person_id, inspections.inspection_id)
        leaderships.person_id,
        leaderships.role_id,
        leaderships.is_strict,
        inspections.inspection_id,
        inspections.orgnr,
        inspections.inspection_date as event_date,
        inspections.reaction_count,
        inspections.stop_count,
        inspections.fine_count,
        inspections.police_report_count,
        inspections.is_severe
    from {{ ref('inspections_assessed') }} as inspections
    inner join leaderships on inspections.orgnr = leaderships.orgnr
    where {{ led_on('inspections.inspection_date') }}
        and inspections.inspection_date <= {{ as_of() }}
        and {{ undisputed('leaderships', "'arbeidstilsynet'", "'tilsyn'", 'inspections.inspection_id') }}
    order by
        leaderships.person_id, inspections.inspection_id,
        not leaderships.is_strict, leaderships.valid_from, leaderships.role_id
)

select * from led
