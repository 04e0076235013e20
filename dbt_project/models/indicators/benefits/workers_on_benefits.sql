with cases as (
    select *
    from {{ ref('stg_nav__benefit_cases') }}
    where cause_code = 'arbeid_ved_siden_av' and benefit_from <= {{ as_of() }}
),

leaderships as (
    select * from {{ ref('leaderships') }}
),

led as (
    select
        leaderships.person_id,
        leaderships.role_id,
        leaderships.orgnr,
        leaderships.is_strict,
        cases.benefit_case_id,
        cases.benefit_from as event_date
    from cases
    inner join leaderships on cases.employer_orgnr = leaderships.orgnr
    where {{ led_on('cases.benefit_from') }}
),

evidence as (
    select
        person_id,
        'nav' as agency,
        'saker' as extract,
        benefit_case_id as source_row_id,
        event_date,
        orgnr,
        is_strict
    from led
    union all
    {{ role_evidence('led') }}
),

{{ observations('workers_on_benefits', value="count(distinct source_row_id) filter (where extract = 'saker')") }}
