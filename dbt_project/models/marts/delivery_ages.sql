with emptied as (
    select
        agency,
        array_agg(extract order by extract) as empty_extracts
    from {{ ref('agency_extracts') }}
    where is_empty
    group by agency
),

ages as (
    select
        {{ release_id() }} as release_id,
        delivered.agency,
        delivered.newest_period,
        delivered.as_of,
        delivered.days_old,
        delivered.is_stale,
        delivered.is_missing,
        case when delivered.is_missing then '{}' else coalesce(emptied.empty_extracts, '{}') end as empty_extracts
    from {{ ref('agency_deliveries') }} as delivered
    left join emptied on delivered.agency = emptied.agency
)

select * from ages
