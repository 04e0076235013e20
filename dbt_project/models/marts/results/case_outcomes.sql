with reports as (
    select
        'arbeidstilsynet' as reporting_agency,
        reaction_id as reference,
        decided_date as report_date
    from {{ ref('stg_arbeidstilsynet__reactions') }}
    where reaction_code = 'politianmeldelse'
    union all
    select
        'skatteetaten',
        audit_id,
        reported_date
    from {{ ref('stg_skatteetaten__audits') }}
    where reported_date is not null
    union all
    select
        'nav',
        benefit_case_id,
        reported_date
    from {{ ref('stg_nav__benefit_cases') }}
    where reported_date is not null
),

followed as (
    select
        {{ release_id() }} as release_id,
        reports.reporting_agency,
        reports.reference,
        reports.report_date,
        cases.case_number,
        cases.outcome_code,
        cases.outcome_date
    from reports
    left join {{ ref('stg_politiet__cases') }} as cases
        on reports.reporting_agency = cases.reporter_code and reports.reference = cases.reporter_reference
)

select * from followed
