with newest as (
    select
        agency,
        max(substring(delivery_id from '[0-9]{4}-T[1-3]')) as newest_period
    from meta.release_deliveries
    where release_id = {{ release_id() }}
    group by agency
),

ended as (
    select
        agency,
        newest_period,
        (make_date(left(newest_period, 4)::int, 1, 1) + make_interval(months => 4 * right(newest_period, 1)::int))::date
        - 1 as ended_on
    from newest
),

-- The newest facts of any extract. Releases that pinned no states of extracts have their deliveries' dates.
dated as (
    select
        agency,
        max(as_of) as newest_fact
    from meta.release_extracts
    where release_id = {{ release_id() }}
    group by agency
),

facts as (
    select
        ended.agency,
        ended.newest_period,
        ended.ended_on,
        case when dated.agency is null then ended.ended_on else dated.newest_fact end as as_of
    from ended
    left join dated on ended.agency = dated.agency
),

aged as (
    select
        coalesce(agencies.agency, facts.agency) as agency,
        facts.newest_period,
        facts.as_of,
        {{ as_of() }} - facts.as_of as days_old,
        coalesce({{ as_of() }} - facts.as_of > agencies.stale_after_days, false) as is_stale,
        facts.newest_period is null as is_missing,
        -- Who may send when it has something is never late.
        coalesce(facts.ended_on < {{ as_of() }} and agencies.stale_after_days is not null, false) as is_late,
        agencies.stale_after_days
    from {{ ref('agencies') }} as agencies
    full join facts on agencies.agency = facts.agency
)

select * from aged
