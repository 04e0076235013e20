-- A view: whom the rules looked at in an earlier release is read off it when it is counted, and kept nowhere.
{{ config(materialized='rebuilt_view') }}

-- The last release that came out at least so many months before this one, once for each number of months. Of one that
-- is past its limit the rows of those who are held are left alone.
with bases as (
    select distinct on (horizons.months)
        horizons.months,
        releases.release_id,
        releases.as_of,
        (releases.as_of + make_interval(months => horizons.months))::date as until_date
    from (values (12), (24)) as horizons (months)
    inner join {{ source('meta', 'releases') }} as releases
        on releases.status in ('published', 'superseded')
            and releases.as_of + make_interval(months => horizons.months) <= {{ as_of() }}
    left join {{ source('meta', 'release_removals') }} as gone on releases.release_id = gone.release_id
    where gone.release_id is null
    order by horizons.months, releases.as_of desc, releases.revision desc
),

described as (
    select distinct
        bases.months,
        observations.person_id
    from bases
    inner join {{ ref('indicator_observations') }} as observations on bases.release_id = observations.release_id
),

-- Merged since, an id leads to whoever has its records, also where these have parted again.
held as (
    select
        months,
        person_id as old_person_id,
        linkage.holder(person_id) as person_id
    from described
),

living as (
    select held.*
    from held
    inner join (select distinct person_id from {{ ref('person_links') }}) as standing
        on held.person_id = standing.person_id
),

proposed as (
    select
        assessments.release_id,
        assessments.person_id,
        (array_agg(statuses.status order by statuses.seriousness))[1] as status
    from {{ ref('assessments') }} as assessments
    inner join {{ ref('status_codes') }} as statuses on assessments.proposed_status = statuses.status
    group by assessments.release_id, assessments.person_id
),

-- Once for each rule that could be checked of a person, and once for each status that she was or was not proposed for.
pointed as (
    select
        bases.months,
        'rule' as subject,
        observations.indicator_code as code,
        observations.person_id,
        observations.checked = 'fired' as is_pointed_at
    from bases
    inner join {{ ref('indicator_observations') }} as observations on bases.release_id = observations.release_id
    where observations.checked in ('fired', 'clear')
    union all
    select
        bases.months,
        'status',
        thresholds.status,
        looked_at.person_id,
        coalesce(proposed.status = thresholds.status, false)
    from bases
    inner join
        (
            select distinct
                release_id,
                person_id
            from {{ ref('indicator_observations') }}
        ) as looked_at
        on bases.release_id = looked_at.release_id
    cross join (select distinct proposed_status as status from {{ ref('status_thresholds') }}) as thresholds
    left join proposed
        on bases.release_id = proposed.release_id and looked_at.person_id = proposed.person_id
),

looked_at as (
    select
        bases.release_id as base_release_id,
        bases.months,
        bases.as_of as base_date,
        bases.until_date,
        pointed.subject,
        pointed.code,
        living.person_id,
        bool_or(pointed.is_pointed_at) as is_pointed_at
    from pointed
    inner join bases on pointed.months = bases.months
    inner join living on pointed.months = living.months and pointed.person_id = living.old_person_id
    group by
        bases.release_id, bases.months, bases.as_of, bases.until_date, pointed.subject, pointed.code, living.person_id
)

select * from looked_at
