with cases as (
    select
        {{ release_id() }} as release_id,
        case_number,
        person_id,
        involvement_code,
        offence_category_code,
        reported_date,
        reporter_code,
        reporter_reference,
        orgnr,
        outcome_code,
        outcome_date,
        speaks_for_person
    from {{ ref('police_cases_of_persons') }}
)

select * from cases
