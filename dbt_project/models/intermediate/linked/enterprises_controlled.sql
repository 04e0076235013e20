{{ config(indexes=[{'columns': ['person_id']}]) }}

-- What somebody controls, whoever is registered: one row per person and enterprise, by the strongest tie.
with fronted as (
    select distinct
        front_person_id,
        orgnr
    from {{ ref('straw_men') }}
    where not has_own_role
),

led_now as (
    select leaderships.*
    from {{ ref('leaderships') }} as leaderships
    where leaderships.is_active and {{ counts_for_capacity('leaderships') }}
),

own as (
    select
        led_now.person_id,
        led_now.orgnr,
        case when fronted.orgnr is null then 'own_role' else 'lent_name' end as tie,
        null::text as through_person_id,
        null::text as through_orgnr,
        led_now.role_id,
        led_now.valid_from as since_date,
        led_now.is_strict
    from led_now
    left join fronted on led_now.person_id = fronted.front_person_id and led_now.orgnr = fronted.orgnr
),

through_others as (
    select
        person_id,
        orgnr,
        tie,
        front_person_id as through_person_id,
        null::text as through_orgnr,
        front_role_id as role_id,
        since_date,
        is_strict
    from {{ ref('straw_men') }}
),

through_holdings as (
    select
        led_now.person_id,
        roles.orgnr,
        'holding' as tie,
        null::text as through_person_id,
        roles.holder_orgnr as through_orgnr,
        roles.role_id,
        roles.valid_from as since_date,
        led_now.is_strict
    from led_now
    inner join {{ ref('person_roles') }} as roles on led_now.orgnr = roles.holder_orgnr
    where roles.is_leading and roles.is_active
),

ties as (
    select * from own
    union all
    select * from through_others
    union all
    select * from through_holdings
),

strongest as (
    select distinct on (ties.person_id, ties.orgnr)
        ties.*,
        (strengths.percent / 100.0)::numeric(3, 2) as strength
    from ties
    inner join {{ ref('control_ties') }} as strengths on ties.tie = strengths.tie
    where ties.since_date <= {{ as_of() }}
    order by ties.person_id, ties.orgnr, strengths.percent desc, not ties.is_strict, ties.since_date, ties.role_id
),

controlled as (
    select
        strongest.person_id,
        strongest.orgnr,
        strongest.tie,
        strongest.strength,
        strongest.through_person_id,
        strongest.through_orgnr,
        strongest.role_id,
        strongest.since_date,
        strongest.is_strict,
        enterprises.industry_code,
        enterprises.industry_group,
        enterprises.municipality_code
    from strongest
    inner join {{ ref('registered_enterprises') }} as enterprises on strongest.orgnr = enterprises.orgnr
    where coalesce(enterprises.deleted_date > {{ as_of() }}, true)
        and {{ counts_for_capacity('enterprises') }}
)

select * from controlled
