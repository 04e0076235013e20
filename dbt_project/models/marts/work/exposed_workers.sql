with actors as (
    select person_id from {{ ref('assessed_persons') }}
),

led as (
    select
        leaderships.orgnr,
        (count(distinct leaderships.person_id))::integer as actor_count
    from {{ ref('leaderships') }} as leaderships
    inner join actors on leaderships.person_id = actors.person_id
    where {{ leads_operating() }}
    group by leaderships.orgnr
),

-- The same worker under two tax records is one.
workers as (
    select
        employments.orgnr,
        (count(distinct links.person_id))::integer as worker_count
    from {{ ref('employments') }} as employments
    inner join led on employments.orgnr = led.orgnr
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and employments.source_record_id = links.source_record_id
    where employments.valid_from <= {{ as_of() }} and coalesce(employments.valid_to >= {{ as_of() }}, true)
    group by employments.orgnr
),

benefit_cases as (
    select
        cases.employer_orgnr as orgnr,
        (count(distinct links.person_id))::integer as worker_count
    from {{ ref('stg_nav__benefit_cases') }} as cases
    inner join led on cases.employer_orgnr = led.orgnr
    inner join {{ ref('person_links') }} as links
        on links.source = 'nav' and cases.source_record_id = links.source_record_id
    where cases.cause_code in ('arbeid_ved_siden_av', 'fiktivt_arbeidsforhold')
        and cases.benefit_from <= {{ as_of() }}
        and {{ benefit_ends() }} > {{ as_of() }} - {{ quantity('exposed_recently') }}
    group by cases.employer_orgnr
),

inspections as (
    select
        inspections.orgnr,
        (count(*) filter (where inspections.is_severe))::integer as severe_count,
        max(inspections.inspection_date) as last_inspected_date
    from {{ ref('inspections_assessed') }} as inspections
    inner join led on inspections.orgnr = led.orgnr
    where inspections.inspection_date > {{ as_of() }} - {{ quantity('exposed_recently') }}
        and inspections.inspection_date <= {{ as_of() }}
    group by inspections.orgnr
),

counted as (
    select
        {{ release_id() }} as release_id,
        led.orgnr,
        led.actor_count,
        coalesce(workers.worker_count, 0) as worker_count,
        coalesce(benefit_cases.worker_count, 0) as benefit_case_worker_count,
        coalesce(inspections.severe_count, 0) as severe_inspection_count,
        inspections.last_inspected_date
    from led
    left join workers on led.orgnr = workers.orgnr
    left join benefit_cases on led.orgnr = benefit_cases.orgnr
    left join inspections on led.orgnr = inspections.orgnr
)

select * from counted
