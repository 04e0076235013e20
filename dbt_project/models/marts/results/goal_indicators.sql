-- Arrears are stated anew each period, under its date: the statement counts for its own year, and a year before it
-- stands as the release of the period before told it. What no release has told is unknown.
with stated as (
    select extract(year from as_of)::integer as stated_year
    from {{ ref('agency_deliveries') }}
    where agency = 'skatteetaten'
),

told_before as (
    {% if has_earlier_releases() %}
        select
            before.scope,
            before.measured_period,
            before.numerator
        from {{ this }} as before
        inner join {{ source('meta', 'releases') }} as releases
            on before.release_id = coalesce(releases.last_period_release_id, releases.previous_release_id)
        where releases.release_id = {{ release_id() }} and before.measure = 'R_secured'
            and split_part(before.release_id, '.', 1) <> releases.period
    {% else %}
        select
            null::text as scope,
            null::text as measured_period,
            null::bigint as numerator
        where false
    {% endif %}
),

secured as (
    select
        results.scope,
        results.event_year,
        results.measure,
        case
            when results.event_year = stated.stated_year then results.numerator
            when results.event_year < stated.stated_year then told_before.numerator
        end as numerator
    from {{ ref('results_counted') }} as results
    left join stated on true
    left join told_before
        on results.scope = told_before.scope and results.event_year::text = told_before.measured_period
    where results.measure = 'R_secured'
),

counted as (
    select * from {{ ref('changes_judged') }}
    union all
    select * from {{ ref('key_actors_counted') }}
    union all
    select * from {{ ref('goals_counted') }}
    union all
    select * from {{ ref('informed_counted') }}
    union all
    select
        scope,
        event_year::text,
        measure,
        numerator,
        null
    from {{ ref('results_counted') }}
    where measure <> 'R_secured'
    union all
    select
        scope,
        event_year::text,
        measure,
        numerator,
        null
    from secured
),

defined as (
    select
        {{ release_id() }} as release_id,
        counted.scope,
        counted.period as measured_period,
        counted.measure,
        counted.numerator::bigint as numerator,
        counted.denominator::bigint as denominator,
        case
            when measures.unit = 'per_cent' then round(100.0 * counted.numerator / nullif(counted.denominator, 0))
            else counted.numerator
        end::bigint as value,
        measures.unit,
        measures.version as definition_version
    from counted
    inner join {{ ref('measures') }} as measures on counted.measure = measures.measure
)

select * from defined
