with roles as (
    select
        {{ release_id() }} as release_id,
        roles.role_id,
        roles.person_id,
        roles.holder_orgnr,
        roles.orgnr,
        roles.role_code,
        roles.is_leading,
        roles.valid_from,
        roles.valid_to,
        roles.is_active,
        roles.is_leading
        and roles.is_active
        and {{ is_not_bankrupt('enterprises') }} as is_leading_today
    from {{ ref('person_roles') }} as roles
    left join {{ ref('registered_enterprises') }} as enterprises on roles.orgnr = enterprises.orgnr
)

select * from roles
