-- A view: what rule_efficacy looks for in the time after a release.
{{ config(materialized='rebuilt_view') }}

with events as (
    select
        person_id,
        outcomes.outcome,
        event_date
    from {{ ref('inspections_led') }}
    cross join lateral (values ('inspected', true), ('severe_inspection', is_severe)) as outcomes (outcome, is_true)
    where outcomes.is_true
    union all
    select
        person_id,
        'reassessed',
        event_date
    from {{ ref('audits_of_persons') }}
    where reassessed_amount_nok > 0
    union all
    select
        person_id,
        'convicted',
        outcome_date
    from {{ ref('police_cases_of_persons') }}
    where is_conviction and is_work_related
    union all
    select
        person_id,
        'bankruptcy',
        bankruptcy_date
    from {{ ref('bankruptcies_led') }}
    union all
    select
        person_id,
        'dismissed',
        decided_date
    from {{ ref('decisions_of_persons') }}
    where status = 'avskrevet'
)

select * from events
