{{ config(materialized='release_view') }}

-- From the marts of each release, and kept nowhere else: who is erased there is gone here.
with listed as (
    select distinct
        release_id,
        person_id
    from {{ ref('assessments') }}
),

involved as (
    select
        cases.release_id,
        cases.case_number,
        cases.reporter_code,
        cases.offence_category_code,
        cases.reported_date,
        cases.orgnr,
        cases.outcome_code,
        cases.outcome_date,
        count(*)::integer as persons,
        count(listed.person_id)::integer as persons_listed,
        (count(*) filter (where cases.involvement_code = 'domfelt'))::integer as persons_convicted
    from {{ ref('offence_cases') }} as cases
    left join listed on cases.release_id = listed.release_id and cases.person_id = listed.person_id
    group by
        cases.release_id, cases.case_number, cases.reporter_code, cases.offence_category_code, cases.reported_date,
        cases.orgnr, cases.outcome_code, cases.outcome_date
),

followed as (
    select
        involved.release_id,
        involved.case_number,
        involved.reporter_code as reporting_agency,
        reports.reference,
        involved.offence_category_code,
        involved.orgnr,
        involved.reported_date,
        involved.outcome_code,
        involved.outcome_date,
        coalesce(outcomes.outcome_class, 'pending') as outcome_class,
        case
            when classes.is_final then involved.outcome_date - involved.reported_date
        end as days_taken,
        case
            when classes.is_final is not true then releases.as_of - involved.reported_date
        end as days_pending,
        involved.persons,
        involved.persons_listed,
        involved.persons_convicted
    from involved
    inner join {{ source('meta', 'releases') }} as releases on involved.release_id = releases.release_id
    left join {{ ref('case_outcomes') }} as reports
        on involved.release_id = reports.release_id and involved.case_number = reports.case_number
    left join {{ ref('outcome_codes') }} as outcomes on involved.outcome_code = outcomes.outcome_code
    left join {{ ref('outcome_classes') }} as classes on outcomes.outcome_class = classes.outcome_class
)

select * from followed
