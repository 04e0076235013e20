-- B2 and B3: how many the centres say that they have informed, by tertial of the release that they report on. Whoever
-- has not reported is no zero: the number of centres that have stands beside the national sum.
with reports as (
    select
        *,
        split_part(reported_release_id, '.', 1) as period
    from {{ ref('stg_sentrene__information_reports') }}
),

-- As of decisions: of several reports for a tertial the last counts, by date, then by id.
last_reported as (
    select distinct on (centre_id, period, goal)
        centre_id,
        period,
        goal,
        informed_count
    from reports
    order by centre_id, period, goal, reported_date desc, report_id desc
),

counted as (
    select
        scopes.scope,
        last_reported.period,
        last_reported.goal || '_informed' as measure,
        sum(last_reported.informed_count) as numerator,
        null::bigint as denominator
    from last_reported
    cross join lateral (values (last_reported.centre_id), ('national')) as scopes (scope)
    group by scopes.scope, last_reported.period, last_reported.goal
    union all
    select
        'national',
        period,
        goal || '_informed_centres',
        count(*),
        null
    from last_reported
    group by period, goal
)

select * from counted
