with listed as (
    select distinct person_id from {{ ref('assessments') }}
    where release_id = {{ release_id() }}
),

involved as (
    select
        cases.case_number,
        cases.reporting_agency,
        cases.offence_category_code,
        cases.reported_date,
        cases.orgnr,
        cases.outcome_code,
        cases.outcome_date,
        count(*)::integer as persons,
        count(listed.person_id)::integer as persons_listed,
        (count(*) filter (where cases.involvement_code = 'domfelt'))::integer as persons_convicted
    from {{ ref('offence_cases') }} as cases
    left join listed on cases.person_id = listed.person_id
    where cases.release_id = {{ release_id() }}
    group by
        cases.case_number, cases.reporting_agency, cases.offence_category_code, cases.reported_date, cases.orgnr,
        cases.outcome_code, cases.outcome_date
),

classed as (
    select
        involved.*,
        reports.reference,
        coalesce(outcomes.outcome_class, 'pending') as outcome_class
    from involved
    left join {{ ref('case_outcomes') }} as reports
        on reports.release_id = {{ release_id() }} and involved.case_number = reports.case_number
    left join {{ ref('outcome_codes') }} as outcomes on involved.outcome_code = outcomes.outcome_code
),

followed as (
    select
        {{ release_id() }} as release_id,
        classed.case_number,
        classed.reporting_agency,
        classed.reference,
        classed.offence_category_code,
        classed.orgnr,
        classed.reported_date,
        classed.outcome_code,
        classed.outcome_date,
        classed.outcome_class,
        case when classes.is_final then classed.outcome_date - classed.reported_date end as days_taken,
        case when not classes.is_final then {{ as_of() }} - classed.reported_date end as days_pending,
        classed.persons,
        classed.persons_listed,
        classed.persons_convicted
    from classed
    left join {{ ref('outcome_classes') }} as classes on classed.outcome_class = classes.outcome_class
)

select * from followed
