{{ config(indexes=[{'columns': ['person_id']}]) }}

-- What somebody controls, whoever is registered: one row per person and enterprise, by the strongest tie.
with recursive operating as (
    select
        orgnr,
        industry_group,
        municipality_code
    from {{ ref('registered_enterprises') }} as enterprises
    where coalesce(deleted_date > {{ as_of() }}, true)
        and {{ counts_for_capacity('enterprises') }}
),

-- What an enterprise leads in its turn.
held as (
    select distinct on (roles.holder_orgnr, roles.orgnr)
        roles.holder_orgnr,
        roles.orgnr,
        roles.role_id,
        roles.valid_from,
        strengths.percent
    from {{ ref('person_roles') }} as roles
    inner join operating on roles.orgnr = operating.orgnr
    inner join {{ ref('control_ties') }} as strengths on strengths.tie = 'holding'
    where roles.holder_orgnr is not null and roles.is_leading and roles.is_active
    order by roles.holder_orgnr, roles.orgnr, roles.valid_from, roles.role_id
),

-- No enterprise stands twice in a chain, and a chain has no more steps than the definition says.
ties as (
    select
        direct.person_id,
        direct.orgnr,
        direct.tie,
        direct.through_person_id,
        array[]::text[] as through_orgnrs,
        direct.role_id,
        direct.since_date,
        direct.is_strict,
        direct.percent
    from {{ ref('enterprises_controlled_directly') }} as direct
    inner join operating on direct.orgnr = operating.orgnr
    union all
    select
        ties.person_id,
        held.orgnr,
        'holding',
        ties.through_person_id,
        ties.through_orgnrs || ties.orgnr,
        held.role_id,
        held.valid_from,
        ties.is_strict,
        ties.percent * held.percent / 100
    from ties
    inner join held on ties.orgnr = held.holder_orgnr
    where cardinality(ties.through_orgnrs) < {{ quantity('holding_steps') }}
        and held.orgnr <> all(ties.through_orgnrs || ties.orgnr)
        and {{ undisputed('ties', "'brreg'", "'roller'", 'held.role_id') }}
),

controlled as (
    select distinct on (ties.person_id, ties.orgnr)
        ties.person_id,
        ties.orgnr,
        ties.tie,
        (ties.percent / 100)::numeric(3, 2) as strength,
        ties.through_person_id,
        nullif(array_to_string(ties.through_orgnrs, ' '), '') as through_orgnrs,
        ties.role_id,
        ties.since_date,
        ties.is_strict,
        operating.industry_group,
        operating.municipality_code
    from ties
    inner join operating on ties.orgnr = operating.orgnr
    order by
        ties.person_id, ties.orgnr, ties.percent desc, not ties.is_strict, cardinality(ties.through_orgnrs),
        ties.since_date, ties.role_id, ties.through_orgnrs
)

select * from controlled
