-- A dismissal that was decided again counts from then.
with dismissed as (
    select
        statuses.centre_id,
        statuses.person_id,
        max(decisions.decided_date) as dismissed_date
    from {{ ref('statuses_of_persons') }} as statuses
    inner join {{ ref('decisions_of_persons') }} as decisions
        on statuses.centre_id = decisions.centre_id and statuses.person_id = decisions.person_id
    where statuses.status = 'avskrevet'
    group by statuses.centre_id, statuses.person_id
),

-- Arrears are stated anew every period, and pay for as long as an employment lasts: no fact is new for that, nor is the
-- role beside them, which bears their date. An employment is as new as its first day.
facts as (
    select
        dismissed.centre_id,
        observations.person_id,
        (item ->> 'date')::date as fact_date,
        case when item ->> 'extract' = 'arbeidsforhold' then item ->> 'source_row_id' end as employment_id
    from {{ ref('indicator_observations') }} as observations
    inner join dismissed on observations.person_id = dismissed.person_id
    cross join lateral jsonb_array_elements(observations.evidence) as item
    where observations.release_id = {{ release_id() }}
        and observations.dimension = 'intention'
        and not exists (
            select 1 from {{ ref('withheld_rules') }} as withheld
            where withheld.release_id = observations.release_id
                and withheld.withheld_from = dismissed.centre_id
                and withheld.indicator_code = observations.indicator_code
        )
        and observations.indicator_code <> 'tax_arrears'
        and item ->> 'extract' <> 'restanser'
        and not (observations.indicator_code = 'underpaid_workers' and item ->> 'extract' = 'roller')
        and (item ->> 'date')::date <= {{ as_of() }}
),

newest_facts as (
    select
        facts.centre_id,
        facts.person_id,
        max(coalesce(employments.valid_from, facts.fact_date)) as newest_fact_date
    from facts
    left join {{ ref('employments') }} as employments on facts.employment_id = employments.employment_id
    group by facts.centre_id, facts.person_id
),

dismissals as (
    select
        dismissed.centre_id,
        dismissed.person_id,
        dismissed.dismissed_date,
        case
            when newest_facts.newest_fact_date > dismissed.dismissed_date then newest_facts.newest_fact_date
        end as new_fact_date
    from dismissed
    left join newest_facts
        on dismissed.centre_id = newest_facts.centre_id and dismissed.person_id = newest_facts.person_id
)

select * from dismissals
