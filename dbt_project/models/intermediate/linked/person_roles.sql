{{ config(indexes=[{'columns': ['person_id']}, {'columns': ['orgnr']}]) }}

with roles as (
    select
        role_id,
        holder_orgnr,
        orgnr,
        role_code,
        valid_from,
        valid_to
    from {{ ref('stg_brreg__roles') }}
),

enterprises as (
    select * from {{ ref('registered_enterprises') }}
),

role_codes as (
    select * from {{ ref('role_codes') }}
),

held as (
    select
        roles.role_id,
        person_links.person_id,
        roles.holder_orgnr,
        roles.orgnr,
        roles.role_code,
        coalesce(role_codes.is_leading, false) as is_leading,
        coalesce(role_codes.is_service_provider, false) as is_service_provider,
        roles.valid_from,
        roles.valid_to,
        person_links.is_strict,
        roles.valid_from <= {{ as_of() }}
        and coalesce(roles.valid_to > {{ as_of() }}, true)
        and coalesce(enterprises.deleted_date > {{ as_of() }}, true) as is_active
    from roles
    left join enterprises on roles.orgnr = enterprises.orgnr
    left join role_codes on roles.role_code = role_codes.role_code
    left join {{ ref('person_links') }} as person_links
        on person_links.source = 'brreg'
            and roles.role_id = person_links.source_record_id
    where roles.holder_orgnr is not null or person_links.person_id is not null
)

select * from held
