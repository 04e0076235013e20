with roles as (
    select
        {{ release_id() }} as release_id,
        role_id,
        person_id,
        holder_orgnr,
        orgnr,
        role_code,
        is_leading,
        valid_from,
        valid_to,
        is_active
    from {{ ref('person_roles') }}
)

select * from roles
