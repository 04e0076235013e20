-- A report that became several cases counts once, by the most far-reaching outcome.
with outcomes as (
    select distinct on (outcomes.reporting_agency, outcomes.reference)
        outcomes.reporting_agency,
        outcomes.reference,
        outcomes.outcome_class,
        coalesce(outcomes.days_pending, outcomes.outcome_date - outcomes.reported_date) as days_taken
    from {{ ref('case_outcomes') }} as outcomes
    inner join {{ ref('outcome_classes') }} as classes on outcomes.outcome_class = classes.outcome_class
    where outcomes.release_id = {{ release_id() }} and not outcomes.is_withdrawn
    order by outcomes.reporting_agency, outcomes.reference, classes.position, outcomes.case_number
),

reports as (
    select
        outcomes.*,
        reports.municipality_code
    from outcomes
    inner join {{ ref('agency_reports') }} as reports
        on outcomes.reporting_agency = reports.reporting_agency and outcomes.reference = reports.reference
),

of_scopes as (
    {{ scoped('reports') }}
),

counted as (
    select
        scope,
        reporting_agency,
        outcome_class,
        (count(*))::integer as report_count,
        (sum(count(*)) over (partition by scope, reporting_agency))::integer as total_count,
        (percentile_disc(0.5) within group (order by days_taken))::integer as median_days,
        max(days_taken) as longest_days
    from of_scopes
    group by scope, reporting_agency, outcome_class
),

summaries as (
    select
        {{ release_id() }} as release_id,
        scope,
        reporting_agency,
        outcome_class,
        report_count,
        total_count,
        round(100.0 * report_count / total_count, 1) as share_pct,
        median_days,
        longest_days
    from counted
)

select * from summaries
