with employees as (
    {{ employees_of_enterprises() }}
),

controlled as (
    {{ control_evidence() }}
),

evidence as (
    select
        controlled.person_id,
        controlled.agency,
        controlled.extract,
        controlled.source_row_id,
        {{ as_of() }} as event_date,
        controlled.orgnr,
        controlled.strength * employees.employee_count as employee_count,
        controlled.through_orgnrs,
        controlled.is_strict
    from controlled
    inner join employees on controlled.orgnr = employees.orgnr
),

{{ observations('employees_led', value='round(sum(employee_count))', through=true) }}
