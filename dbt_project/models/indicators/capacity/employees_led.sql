with leaderships as (
    select distinct on (person_id, orgnr)
        person_id,
        orgnr,
        role_id,
        is_strict
    from {{ ref('leaderships') }} as leaderships
    where {{ leads_operating() }}
    order by person_id, orgnr, not is_strict, role_id
),

employees as (
    select
        orgnr,
        count(distinct source_record_id) as employee_count
    from {{ ref('employments') }}
    where valid_from <= {{ as_of() }} and coalesce(valid_to >= {{ as_of() }}, true)
    group by orgnr
),

evidence as (
    select
        leaderships.person_id,
        'brreg' as agency,
        'roller' as extract,
        leaderships.role_id as source_row_id,
        {{ as_of() }} as event_date,
        leaderships.orgnr,
        employees.employee_count,
        leaderships.is_strict
    from leaderships
    inner join employees on leaderships.orgnr = employees.orgnr
),

{{ observations('employees_led', value='sum(employee_count)') }}
