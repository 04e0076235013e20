{{ config(indexes=[{'columns': ['person_id']}, {'columns': ['orgnr']}]) }}

-- Service providers' roles (accountants, auditors, estate administrators) and deputies tie nobody.
with roles as (
    select
        person_id,
        orgnr,
        case when is_leading then 'leading_role' else 'board_role' end as tie,
        valid_from,
        valid_to,
        is_active or valid_to - valid_from >= {{ tie_quantity('leading_role') }} as is_lasting
    from {{ ref('person_roles') }}
    where person_id is not null
        and (is_leading or role_code in ('MEDL', 'NEST'))
        and valid_from <= {{ as_of() }}
        and coalesce(valid_to > greatest(valid_from, {{ as_of() }} - interval '10 years'), true)
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
        case when bool_and(roles.valid_to is not null) then max(roles.valid_to) end as last_date,
        count(*)::integer as tie_count
    from roles
    inner join reach on roles.person_id = reach.person_id and roles.tie = reach.tie
    where roles.tie = 'leading_role' and (roles.is_lasting or reach.enterprise_count <= {{ hub_limit('leading_role') }})
        or roles.tie = 'board_role' and reach.enterprise_count <= {{ hub_limit('board_role') }}
    group by roles.person_id, roles.orgnr, roles.tie
)

select * from ties
