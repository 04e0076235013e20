-- B1: the key threat actors, and whom and what they are tied to by the register. Nationally each counts once.
with key_actors as (
    select distinct
        scopes.scope,
        statuses.person_id
    from {{ ref('status_spells') }} as statuses
    inner join {{ ref('persons_described') }} as described on statuses.person_id = described.person_id
    cross join lateral (values (statuses.centre_id), ('national')) as scopes (scope)
    where statuses.status = 'sentral_trusselaktor'
        and statuses.valid_from <= {{ as_of() }}
        and coalesce(statuses.valid_to > {{ as_of() }}, true)
),

enterprises as (
    select distinct
        key_actors.scope,
        leaderships.orgnr
    from key_actors
    inner join {{ ref('leaderships') }} as leaderships on key_actors.person_id = leaderships.person_id
    where {{ leads_operating() }}
),

others as (
    select distinct
        enterprises.scope,
        roles.person_id
    from enterprises
    inner join {{ ref('person_roles') }} as roles on enterprises.orgnr = roles.orgnr
    left join key_actors on enterprises.scope = key_actors.scope and roles.person_id = key_actors.person_id
    where roles.is_active
        and not roles.is_service_provider
        and roles.person_id is not null
        and key_actors.person_id is null
),

found as (
    select
        scope,
        'B1_key_actors' as measure
    from key_actors
    union all
    select
        scope,
        'B1_linked_enterprises'
    from enterprises
    union all
    select
        scope,
        'B1_linked_persons'
    from others
),

scopes as (
    select 'national' as scope
    union all
    select centre_id from {{ ref('centres') }}
    where centre_id <> 'uten_senter'
),

counted as (
    select
        scopes.scope,
        {{ period() }} as period,
        measures.measure,
        count(found.measure) as numerator,
        null::bigint as denominator
    from scopes
    cross join (values ('B1_key_actors'), ('B1_linked_enterprises'), ('B1_linked_persons')) as measures (measure)
    left join found on scopes.scope = found.scope and measures.measure = found.measure
    group by scopes.scope, measures.measure
)

select * from counted
