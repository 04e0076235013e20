with rates as (
    select
        unnest(string_to_array(industry_groups, ' ')) as industry_group,
        hourly_amount_nok,
        valid_from,
        lead(valid_from) over (partition by agreement order by valid_from) as valid_to
    from {{ ref('minimum_pay') }}
),

-- Pay for an hour of the position that was agreed on; without a stated position or pay nothing is known.
paid as (
    select
        employment_id,
        source_record_id,
        orgnr,
        valid_from,
        valid_to,
        1200 * monthly_pay_amount_nok / ({{ quantity('full_time_hours') }} * position_pct) as hourly_amount_nok
    from {{ ref('employments') }}
    where position_pct > 0 and monthly_pay_amount_nok > 0 and valid_from <= {{ as_of() }}
),

-- By the rate on the first day, since pay is delivered as it is now, and rates have only risen. By itself, since the
-- planner takes the few who earn less for everybody.
underpaid as materialized (
    select paid.*
    from paid
    inner join {{ ref('registered_enterprises') }} as enterprises on paid.orgnr = enterprises.orgnr
    inner join rates
        on enterprises.industry_group = rates.industry_group
            and paid.valid_from >= rates.valid_from
            and coalesce(paid.valid_from < rates.valid_to, true)
    where 100 * paid.hourly_amount_nok < {{ quantity('underpaid_share') }} * rates.hourly_amount_nok
),

-- As old as the last day on which the person led there while it lasted.
led_meanwhile as (
    select
        leaderships.person_id,
        leaderships.role_id,
        leaderships.is_strict,
        leaderships.valid_from,
        underpaid.orgnr,
        underpaid.employment_id,
        workers.person_id as worker_id,
        least(underpaid.valid_to, leaderships.valid_to - 1, {{ as_of() }}) as event_date
    from underpaid
    inner join {{ ref('leaderships') }} as leaderships on underpaid.orgnr = leaderships.orgnr
    inner join {{ ref('person_links') }} as workers
        on workers.source = 'skatteetaten' and underpaid.source_record_id = workers.source_record_id
    where coalesce(leaderships.valid_from <= underpaid.valid_to, true)
        and coalesce(leaderships.valid_to > underpaid.valid_from, true)
        and leaderships.person_id <> workers.person_id
),

-- Of several roles the latest, by strict links and by others.
led as (
    select distinct on (person_id, employment_id, is_strict) *
    from led_meanwhile
    order by person_id, employment_id, is_strict, event_date desc, valid_from, role_id
),

evidence as (
    select
        person_id,
        'skatteetaten' as agency,
        'arbeidsforhold' as extract,
        employment_id as source_row_id,
        event_date,
        orgnr,
        worker_id,
        is_strict
    from led
    union all
    {{ role_evidence('led', more='null as worker_id,') }}
),

{{ observations(
    'underpaid_workers', value='count(distinct worker_id)',
    event='case when ' ~ is_recent('event_date', 'underpaid_workers') ~ ' then orgnr end', by_role=true
) }}
