with yearly as (
    select * from {{ ref('results_of_years') }}
),

yearly_of_scopes as (
    {{ scoped('yearly') }}
),

years as (
    select
        generate_series(
            extract(year from {{ six_closed_years_start() }})::integer, extract(year from {{ as_of() }})::integer
        ) as event_year
),

scopes as (
    select 'national' as scope
    union all
    select centre_id from {{ ref('centres') }}
),

measures as (
    select
        measures.measure,
        coalesce(bool_or(ages.is_missing or delivered.unavailable_because in ('missing', 'empty', 'shrunken')), false)
            as is_out_of_reach
    from {{ ref('measures') }} as measures
    cross join lateral unnest(string_to_array(measures.extracts, ' ')) as needed (extract)
    left join {{ ref('agency_deliveries') }} as ages on split_part(needed.extract, '/', 1) = ages.agency
    left join {{ ref('agency_extracts') }} as delivered
        on needed.extract = delivered.agency || '/' || delivered.extract
    where measures.table_name = 'year'
    group by measures.measure
),

-- A year without any is a year with none, as long as every extract that the measure takes was delivered with its rows.
counted as (
    select
        scopes.scope,
        years.event_year,
        measures.measure,
        case
            when not measures.is_out_of_reach then coalesce(sum(yearly.amount_nok), count(distinct yearly.counted))
        end as numerator
    from scopes
    cross join years
    cross join measures
    left join yearly_of_scopes as yearly
        on scopes.scope = yearly.scope
            and years.event_year = yearly.event_year
            and measures.measure = yearly.measure
    group by scopes.scope, years.event_year, measures.measure, measures.is_out_of_reach
)

select * from counted
