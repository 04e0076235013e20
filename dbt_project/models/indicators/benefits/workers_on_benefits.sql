with led_then as (
    {{ benefit_cases_at_led(
        'arbeid_ved_siden_av',
        led_on('cases.benefit_from') ~ ' and cases.is_decision_changed and '
        ~ undisputed('leaderships', "'nav'", "'saker'", 'cases.benefit_case_id')
    ) }}
),

-- A leader's own case is the next rule's.
led as (
    select led_then.*
    from led_then
    where not exists (
            select 1 from {{ ref('person_links') }} as own
            where own.source = 'nav'
                and own.source_record_id = led_then.source_record_id
                and own.person_id = led_then.person_id
        )
),

workforces as (
    select
        employments.orgnr,
        count(distinct links.person_id) as worker_count
    from {{ ref('employments') }} as employments
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and employments.source_record_id = links.source_record_id
    where coalesce({{ is_recent('employments.valid_to', 'workers_on_benefits') }}, true)
    group by employments.orgnr
),

-- A few among many employees tell nothing of whoever leads.
many as (
    select
        led.person_id,
        led.orgnr,
        100 * count(distinct led.benefit_case_id) filter (where led.is_strict)
        >= {{ quantity('benefit_share') }} * coalesce(workforces.worker_count, 0) as is_strict
    from led
    left join workforces on led.orgnr = workforces.orgnr
    where {{ is_recent('led.event_date', 'workers_on_benefits') }}
    group by led.person_id, led.orgnr, workforces.worker_count
    having
        100 * count(distinct led.benefit_case_id)
        >= {{ quantity('benefit_share') }} * coalesce(workforces.worker_count, 0)
),

telling as (
    select
        led.person_id,
        led.role_id,
        led.orgnr,
        led.benefit_case_id,
        led.event_date,
        led.is_strict and many.is_strict as is_strict
    from led
    inner join many on led.person_id = many.person_id and led.orgnr = many.orgnr
),

evidence as (
    {{ benefit_evidence('telling') }}
),

{{ observations(
    'workers_on_benefits', value="count(distinct source_row_id) filter (where extract = 'saker')",
    by_role=true
) }}
