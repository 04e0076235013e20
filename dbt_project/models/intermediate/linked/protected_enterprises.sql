with sole_proprietors as (
    select distinct person_roles.orgnr
    from {{ ref('person_roles') }} as person_roles
    inner join {{ ref('protected_persons') }} as protected on person_roles.person_id = protected.person_id
    inner join {{ ref('registered_enterprises') }} as enterprises on person_roles.orgnr = enterprises.orgnr
    where enterprises.legal_form_code = 'ENK'
        and person_roles.is_leading
)

select * from sole_proprietors
