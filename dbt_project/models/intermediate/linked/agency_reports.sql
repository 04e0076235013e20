with persons as (
    select
        links.source_record_id,
        described.municipality_code
    from {{ ref('person_links') }} as links
    inner join {{ ref('persons_described') }} as described on links.person_id = described.person_id
    where links.source = 'nav'
),

of_labour_inspection as (
    select
        'arbeidstilsynet' as reporting_agency,
        reactions.reaction_id as reference,
        reactions.decided_date as report_date,
        inspections.municipality_code,
        reactions.is_reversed as is_withdrawn
    from {{ ref('stg_arbeidstilsynet__reactions') }} as reactions
    inner join {{ ref('inspections_assessed') }} as inspections
        on reactions.inspection_id = inspections.inspection_id
    where reactions.reaction_code = 'politianmeldelse'
),

of_tax as (
    select
        'skatteetaten' as reporting_agency,
        source_row_id as reference,
        reported_date as report_date,
        municipality_code,
        false as is_withdrawn
    from {{ ref('tax_matters') }}
    where reported_date is not null
),

of_nav as (
    select
        'nav' as reporting_agency,
        cases.benefit_case_id as reference,
        cases.reported_date as report_date,
        persons.municipality_code,
        false as is_withdrawn
    from {{ ref('stg_nav__benefit_cases') }} as cases
    left join persons on cases.source_record_id = persons.source_record_id
    where cases.reported_date is not null
),

reports as (
    select * from of_labour_inspection
    union all
    select * from of_tax
    union all
    select * from of_nav
)

select * from reports
where report_date <= {{ as_of() }}
