{# Asked of the state and not of the files: a delta with no rows leaves an extract as full as it was. #}
with standing (agency, extract, is_empty) as (
    select
        null::text,
        null::text,
        null::boolean
    {% for agency, extract in staged_extracts() %}
        union all
        select
            '{{ agency }}',
            '{{ extract }}',
            not exists (select 1 from {{ state(agency, extract) }})
    {% endfor %}
),

received as (
    select * from meta.release_extracts
    where release_id = {{ release_id() }}
),

-- Releases that pinned no states of extracts have their deliveries' dates.
listing as (
    select distinct agency from received
),

-- The state as it came. What disputes or the sharing matrix have emptied since, nobody has confirmed to be empty.
known as (
    select
        standing.agency,
        standing.extract,
        standing.is_empty,
        coalesce(received.state, 'first') as state,
        case when received.agency is null then ages.as_of else received.as_of end as as_of,
        case when standing.is_empty then 0 else received.rows end as rows,
        received.rows_usual,
        coalesce(received.is_confirmed and (not standing.is_empty or received.state = 'empty'), false) as is_confirmed,
        coalesce(ages.is_missing, true) or (received.agency is null and listing.agency is not null) as is_missing,
        coalesce(ages.is_late, false) as is_late,
        ages.stale_after_days
    from standing
    left join {{ ref('agency_deliveries') }} as ages on standing.agency = ages.agency
    left join listing on standing.agency = listing.agency
    left join received on standing.agency = received.agency and standing.extract = received.extract
    where standing.agency is not null
),

aged as (
    select
        *,
        {{ as_of() }} - as_of as days_old,
        coalesce({{ as_of() }} - as_of > stale_after_days, false) as is_stale
    from known
),

judged as (
    select
        agency,
        extract,
        case
            when is_missing then 'missing'
            when is_empty then 'empty'
            when is_late and (state <> 'shrunken' or is_confirmed) then 'missing'
            else state
        end as state,
        as_of,
        days_old,
        case when not is_missing then rows end as rows,
        rows_usual,
        is_stale,
        is_confirmed,
        case
            when is_missing then 'missing'
            when is_empty and not is_confirmed then 'empty'
            when state = 'shrunken' and not is_confirmed then 'shrunken'
            when is_stale then 'stale'
        end as unavailable_because
    from aged
)

select * from judged
