with delivered as (
    select * from {{ ref('stg_nav__benefit_cases') }}
    where benefit_from <= {{ as_of() }}
),

{{ with_persons('delivered', 'nav', 'saker', 'benefit_case_id') }},

cases as (
    select
        {{ release_id() }} as release_id,
        benefit_case_id,
        person_id,
        employer_orgnr as orgnr,
        benefit_code,
        cause_code,
        benefit_from,
        benefit_to,
        overpaid_amount_nok,
        is_decision_changed,
        reported_date
    from named
)

select * from cases
