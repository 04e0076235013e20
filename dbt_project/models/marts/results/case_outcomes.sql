with followed as (
    select
        reports.reporting_agency,
        reports.reference,
        reports.report_date,
        reports.is_withdrawn,
        cases.case_number,
        cases.outcome_code,
        cases.outcome_date,
        case
            when cases.case_number is null and {{ came_without_its_rows('delivered') }} then 'not_known'
            when cases.case_number is null then 'no_case'
            when cases.outcome_code is null then 'pending'
            else outcomes.outcome_class
        end as outcome_class
    from {{ ref('agency_reports') }} as reports
    left join {{ ref('stg_politiet__cases') }} as cases
        on reports.reporting_agency = cases.reporter_code and reports.reference = cases.reporter_reference
    left join {{ ref('agency_extracts') }} as delivered on delivered.agency = 'politiet' and delivered.extract = 'saker'
    left join {{ ref('outcome_codes') }} as outcomes on cases.outcome_code = outcomes.outcome_code
),

aged as (
    select
        {{ release_id() }} as release_id,
        followed.reporting_agency,
        followed.reference,
        followed.report_date as reported_date,
        followed.case_number,
        followed.outcome_code,
        followed.outcome_date,
        followed.outcome_class,
        followed.is_withdrawn,
        case when not classes.is_final then {{ as_of() }} - followed.report_date end as days_pending
    from followed
    left join {{ ref('outcome_classes') }} as classes on followed.outcome_class = classes.outcome_class
)

select * from aged
