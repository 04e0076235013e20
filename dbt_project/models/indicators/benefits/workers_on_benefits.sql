with led as (
    {{ benefit_cases_at_led('arbeid_ved_siden_av', led_on('cases.benefit_from')) }}
),

evidence as (
    {{ benefit_evidence('led') }}
),

{{ observations(
    'workers_on_benefits', value="count(distinct source_row_id) filter (where extract = 'saker')",
    by_role=true
) }}
