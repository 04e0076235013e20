with cases as (
    select
        links.person_id,
        cases.benefit_case_id,
        cases.benefit_from,
        {{ benefit_ends() }} as benefit_to,
        links.is_strict
    from {{ ref('stg_nav__benefit_cases') }} as cases
    inner join {{ ref('person_links') }} as links
        on links.source = 'nav' and cases.source_record_id = links.source_record_id
    where cases.cause_code = 'arbeid_ved_siden_av'
        and (cases.is_decision_changed or cases.overpaid_amount_nok > 0)
        and cases.benefit_from <= {{ as_of() }}
),

led as (
    select
        cases.person_id,
        cases.benefit_case_id,
        cases.benefit_from as event_date,
        leaderships.role_id,
        leaderships.orgnr,
        cases.is_strict and leaderships.is_strict as is_strict
    from cases
    inner join {{ ref('leaderships') }} as leaderships on cases.person_id = leaderships.person_id
    where leaderships.valid_from <= cases.benefit_to
        and coalesce(leaderships.valid_to > cases.benefit_from, true)
),

evidence as (
    {{ benefit_evidence('led', orgnr='null::text') }}
),

{{ observations('benefit_while_leading', value="count(distinct source_row_id) filter (where extract = 'saker')") }}
