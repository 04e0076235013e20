with person_links as (
    select * from {{ ref('person_links') }}
    where source in ('skatteetaten', 'nav')
),

bankruptcies as (
    select * from {{ ref('bankruptcies_led') }}
    where {{ is_recent('bankruptcy_date', 'fictitious_part_time') }}
),

bankrupt as (
    select distinct
        orgnr,
        bankruptcy_date
    from bankruptcies
),

jobs as (
    select
        links.person_id as worker_id,
        employments.orgnr,
        employments.employment_id,
        employments.position_pct,
        employments.monthly_pay_amount_nok,
        links.is_strict
    from {{ ref('employments') }} as employments
    inner join bankrupt on employments.orgnr = bankrupt.orgnr
    inner join person_links as links
        on links.source = 'skatteetaten' and employments.source_record_id = links.source_record_id
    where employments.valid_from <= bankrupt.bankruptcy_date
        and coalesce(employments.valid_to >= bankrupt.bankruptcy_date - {{ quantity('last_year_employed') }}, true)
),

-- All of the worker's positions there in the last year; where one of them or its pay is not stated, nothing is known.
positions as (
    select
        worker_id,
        orgnr,
        sum(position_pct) as position_pct,
        sum(monthly_pay_amount_nok) as monthly_pay_amount_nok
    from jobs
    group by worker_id, orgnr
    having bool_and(coalesce(position_pct > 0 and monthly_pay_amount_nok > 0, false))
        and sum(position_pct) <= {{ quantity('small_position') }}
),

-- More than a small position could ever be owed: so many months' pay of a full one.
claims as (
    select
        links.person_id as worker_id,
        claims.orgnr,
        claims.claim_id,
        claims.claim_date,
        links.is_strict
    from {{ ref('stg_nav__wage_guarantee_claims') }} as claims
    inner join person_links as links on links.source = 'nav' and claims.source_record_id = links.source_record_id
    inner join positions on links.person_id = positions.worker_id and claims.orgnr = positions.orgnr
    where claims.claim_date <= {{ as_of() }}
        and claims.amount_nok * positions.position_pct
        >= 100 * {{ quantity('full_time_claim') }} * positions.monthly_pay_amount_nok
),

led as (
    select
        bankruptcies.person_id,
        bankruptcies.role_id,
        claims.orgnr,
        claims.worker_id,
        claims.claim_id,
        claims.claim_date as event_date,
        bankruptcies.bankruptcy_date,
        jobs.employment_id,
        bankruptcies.is_strict and claims.is_strict and jobs.is_strict as is_strict
    from claims
    inner join jobs on claims.worker_id = jobs.worker_id and claims.orgnr = jobs.orgnr
    inner join bankruptcies on claims.orgnr = bankruptcies.orgnr
    where bankruptcies.person_id <> claims.worker_id
        and {{ undisputed('bankruptcies', "'skatteetaten'", "'arbeidsforhold'", 'jobs.employment_id') }}
),

evidence as (
    select
        person_id,
        'nav' as agency,
        'lonnsgaranti' as extract,
        claim_id as source_row_id,
        event_date,
        orgnr,
        worker_id,
        bankruptcy_date,
        is_strict
    from led
    union all
    select
        person_id,
        'skatteetaten',
        'arbeidsforhold',
        employment_id,
        event_date,
        orgnr,
        null,
        bankruptcy_date,
        is_strict
    from led
    union all
    {{ role_evidence('led', more='null as worker_id, bankruptcy_date,') }}
),

{{ observations(
    'fictitious_part_time', value='count(distinct worker_id)', event='orgnr', by_role=true,
    held_on='evidence.bankruptcy_date'
) }}
