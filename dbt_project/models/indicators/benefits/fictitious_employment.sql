with led as (
    {{ benefit_cases_at_led(
        'fiktivt_arbeidsforhold', led_shortly_before('cases.benefit_from') ~ ' and cases.is_decision_changed'
    ) }}
),

evidence as (
    {{ benefit_evidence('led') }}
),

{{ observations(
    'fictitious_employment', value="count(distinct source_row_id) filter (where extract = 'saker')",
    by_role=true
) }}
