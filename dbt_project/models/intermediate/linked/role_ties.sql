{{ config(indexes=[{'columns': ['person_id']}, {'columns': ['orgnr']}]) }}

-- Service providers' roles (accountants, auditors, estate administrators) and deputies tie nobody.
with held as (
    select
        roles.person_id,
        roles.orgnr,
        case when roles.is_leading then 'leading_role' else 'board_role' end as tie,
        roles.valid_from,
        -- What is deleted nobody has a role in, also where the register has left it open.
        least(roles.valid_to, enterprises.deleted_date) as valid_to,
        roles.is_active
    from {{ ref('person_roles') }} as roles
    left join {{ ref('registered_enterprises') }} as enterprises on roles.orgnr = enterprises.orgnr
    where roles.person_id is not null
        and (roles.is_leading or roles.role_code in ('MEDL', 'NEST'))
        and roles.valid_from <= {{ as_of() }}
),

roles as (
    select
        *,
        is_active or valid_to - valid_from >= {{ tie_quantity('leading_role') }} as is_lasting
    from held
    where coalesce(valid_to > greatest(valid_from, {{ as_of() }} - interval '10 years'), true)
),

reach as (
    select
        person_id,
        tie,
        count(distinct orgnr) as enterprise_count
    from roles
    group by person_id, tie
),

ties as (
    select
        roles.person_id,
        roles.orgnr,
        roles.tie,
        min(roles.valid_from) as first_date,
        case when bool_and(coalesce(roles.valid_to <= {{ as_of() }}, false)) then max(roles.valid_to) end as last_date,
        range_agg(daterange(roles.valid_from, roles.valid_to)) as days_held,
        count(*)::integer as tie_count
    from roles
    inner join reach on roles.person_id = reach.person_id and roles.tie = reach.tie
    where roles.tie = 'leading_role' and (roles.is_lasting or reach.enterprise_count <= {{ hub_limit('leading_role') }})
        or roles.tie = 'board_role' and reach.enterprise_count <= {{ hub_limit('board_role') }}
    group by roles.person_id, roles.orgnr, roles.tie
)

select * from ties
