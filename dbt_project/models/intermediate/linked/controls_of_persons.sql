with controls as (
    select
        person_id,
        orgnr,
        'arbeidstilsynet' as agency,
        event_date
    from {{ ref('inspections_led') }}
    union
    select
        person_id,
        orgnr,
        'skatteetaten',
        event_date
    from {{ ref('audits_of_persons') }}
    where orgnr is not null
)

select * from controls
