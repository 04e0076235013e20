{{ config(pre_hook="{{ drop_column('reporter_reference') }}") }}

-- A report names the agency's case by free text, which stays here; that it names one may be known.
with agency_cases as (
    select
        'arbeidstilsynet' as agency,
        reaction_id as reference
    from {{ ref('stg_arbeidstilsynet__reactions') }}
    union
    select
        'skatteetaten',
        audit_id
    from {{ ref('stg_skatteetaten__audits') }}
    union
    select
        'nav',
        benefit_case_id
    from {{ ref('stg_nav__benefit_cases') }}
),

cases as (
    select
        {{ release_id() }} as release_id,
        cases.case_number,
        cases.person_id,
        cases.involvement_code,
        cases.offence_category_code,
        cases.reported_date,
        cases.reporter_code as reporting_agency,
        agency_cases.reference is not null as is_reporters_case_known,
        cases.orgnr,
        cases.outcome_code,
        cases.outcome_date,
        cases.speaks_for_person
    from {{ ref('police_cases_of_persons') }} as cases
    left join agency_cases
        on cases.reporter_code = agency_cases.agency and cases.reporter_reference = agency_cases.reference
    -- Other cases speak neither for nor against anybody here, and so are nobody's to know.
    where cases.is_work_related
)

select * from cases
