with standing as (
    select
        statuses.centre_id,
        statuses.person_id,
        statuses.status,
        statuses.status_since
    from {{ ref('statuses_of_persons') }} as statuses
    inner join {{ ref('persons_described') }} as described on statuses.person_id = described.person_id
),

codes as (
    select * from {{ ref('status_codes') }}
),

agreement as (
    select
        person_id,
        count(*)::integer as centre_count,
        count(distinct status) = 1 as is_agreed
    from standing
    group by person_id
),

-- No centre can take another's actor off the national list: the most serious status stands, then the newest.
national as (
    select distinct on (standing.person_id)
        'national' as scope,
        standing.person_id,
        standing.status,
        standing.status_since
    from standing
    inner join codes on standing.status = codes.status
    order by standing.person_id, codes.seriousness, standing.status_since desc
),

scoped as (
    select
        centre_id as scope,
        person_id,
        status,
        status_since
    from standing
    union all
    select * from national
),

lists as (
    select distinct
        scopes.scope,
        listed.person_id
    from {{ ref('assessments') }} as listed
    cross join lateral (values (listed.centre_id), ('national')) as scopes (scope)
    where listed.release_id = {{ release_id() }}
),

statuses as (
    select
        {{ release_id() }} as release_id,
        scoped.scope,
        scoped.person_id,
        scoped.status,
        scoped.status_since,
        scoped.status_since > {{ as_of() }} as is_after_cut_off,
        codes.is_actor,
        codes.is_threat_actor,
        agreement.centre_count,
        agreement.is_agreed,
        lists.person_id is not null as is_listed
    from scoped
    inner join codes on scoped.status = codes.status
    inner join agreement on scoped.person_id = agreement.person_id
    left join lists on scoped.scope = lists.scope and scoped.person_id = lists.person_id
)

select * from statuses
