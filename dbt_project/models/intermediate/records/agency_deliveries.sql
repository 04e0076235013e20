with newest as (
    select
        agency,
        max({{ period_of('delivery_id') }}) as newest_period
    from meta.release_deliveries
    where release_id = {{ release_id() }}
    group by agency
),

ended as (
    select
        agency,
        newest_period,
        (make_date(left(newest_period, 4)::int, 1, 1) + make_interval(months => 4 * right(newest_period, 1)::int))::date
        - 1 as as_of
    from newest
),

aged as (
    select
        coalesce(agencies.agency, ended.agency) as agency,
        ended.newest_period,
        ended.as_of,
        {{ as_of() }} - ended.as_of as days_old,
        coalesce({{ as_of() }} - ended.as_of > agencies.stale_after_days, false) as is_stale,
        ended.as_of is null as is_missing
    from {{ ref('agencies') }} as agencies
    full join ended on agencies.agency = ended.agency
)

select * from aged
