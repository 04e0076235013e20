-- Where a centre has given a status, that counts; where it has not, what the rules propose to it.
with marked as (
    select
        statuses.scope as centre_id,
        statuses.person_id,
        'decided' as kind,
        statuses.status as code,
        case when codes.is_actor then 1 else 3 end as place,
        codes.seriousness
    from {{ ref('statuses') }} as statuses
    inner join {{ ref('status_codes') }} as codes on statuses.status = codes.status
    where statuses.release_id = {{ release_id() }} and statuses.scope <> 'national'
    union all
    select
        listed.centre_id,
        listed.person_id,
        'proposed',
        coalesce(listed.proposed_status, 'none'),
        2,
        codes.seriousness
    from {{ ref('assessments') }} as listed
    left join {{ ref('status_codes') }} as codes on listed.proposed_status = codes.status
    where listed.release_id = {{ release_id() }} and listed.status is null
),

-- Nationally each person counts once: a status as an actor before a proposal, and that before a dismissal.
nationally as (
    select distinct on (person_id)
        person_id,
        kind,
        code
    from marked
    order by person_id, place, seriousness nulls last, code
),

on_several as (
    select person_id
    from marked
    where place < 3
    group by person_id
    having count(*) > 1
),

area as (
    select
        centre_id,
        person_id
    from {{ ref('release_persons') }}
    where release_id = {{ release_id() }} and basis <> 'decision'
),

counted as (
    select
        centre_id as scope,
        kind,
        code,
        count(*)::integer as persons
    from marked
    group by centre_id, kind, code
    union all
    select
        'national',
        kind,
        code,
        count(*)::integer
    from nationally
    group by kind, code
    union all
    select
        'national',
        'several_lists',
        'all',
        count(*)::integer
    from on_several
    union all
    select
        centre_id,
        'considered',
        'all',
        count(*)::integer
    from area
    group by centre_id
    union all
    select
        'national',
        'considered',
        'all',
        count(distinct person_id)::integer
    from area
    union all
    select
        marked.centre_id,
        'municipality',
        coalesce(persons.municipality_code, 'unknown'),
        count(*)::integer
    from marked
    inner join {{ ref('persons') }} as persons on marked.person_id = persons.person_id
    where persons.release_id = {{ release_id() }} and marked.centre_id = 'uten_senter' and marked.place < 3
    group by marked.centre_id, persons.municipality_code
),

described as (
    select
        {{ release_id() }} as release_id,
        scope,
        kind,
        code,
        persons
    from counted
)

select * from described
