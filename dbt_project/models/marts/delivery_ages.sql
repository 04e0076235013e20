with extracts as (
    select
        agency,
        array_agg(extract order by extract) filter (where state = 'empty') as empty_extracts,
        array_agg(extract order by extract) filter (where state = 'shrunken') as shrunken_extracts,
        array_agg(extract order by extract) filter (where state = 'swollen') as swollen_extracts,
        array_agg(extract order by extract) filter (where state = 'unchanged') as unchanged_extracts,
        array_agg(extract order by extract) filter (where is_stale) as stale_extracts,
        array_agg(state) filter (where not is_confirmed) as states,
        bool_and(state = 'first') as is_first
    from {{ ref('agency_extracts') }}
    group by agency
),

ages as (
    select
        {{ release_id() }} as release_id,
        delivered.agency,
        delivered.newest_period,
        delivered.as_of as newest_fact_date,
        delivered.days_old,
        delivered.is_stale,
        delivered.is_missing,
        -- The worst of its extracts; what is missing altogether or too old has no other.
        case
            when delivered.is_missing then 'missing'
            when delivered.is_stale or extracts.stale_extracts is not null then 'stale'
            when 'empty' = any(extracts.states) then 'empty'
            when 'shrunken' = any(extracts.states) then 'shrunken'
            when delivered.is_late then 'missing'
            when 'swollen' = any(extracts.states) then 'swollen'
            when 'unchanged' = any(extracts.states) then 'unchanged'
            when extracts.is_first then 'first'
            else 'changed'
        end as state,
        coalesce(extracts.empty_extracts, '{}') as empty_extracts,
        coalesce(extracts.shrunken_extracts, '{}') as shrunken_extracts,
        coalesce(extracts.swollen_extracts, '{}') as swollen_extracts,
        coalesce(extracts.unchanged_extracts, '{}') as unchanged_extracts,
        coalesce(extracts.stale_extracts, '{}') as stale_extracts
    from {{ ref('agency_deliveries') }} as delivered
    left join extracts on delivered.agency = extracts.agency
)

select * from ages
