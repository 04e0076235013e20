with ages as (
    select
        {{ release_id() }} as release_id,
        agency,
        newest_period,
        as_of,
        days_old,
        is_stale,
        is_missing
    from {{ ref('agency_deliveries') }}
)

select * from ages
