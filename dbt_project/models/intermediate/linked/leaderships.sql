{{ config(indexes=[{'columns': ['orgnr']}, {'columns': ['person_id']}]) }}

with leading_roles as (
    select * from {{ ref('person_roles') }}
    where is_leading and person_id is not null and valid_from <= {{ as_of() }}
),

leaderships as (
    select
        leading_roles.person_id,
        leading_roles.orgnr,
        leading_roles.role_id,
        leading_roles.role_code,
        leading_roles.valid_from,
        -- Nobody leads what is deleted, also where the register has left the role open.
        least(leading_roles.valid_to, enterprises.deleted_date) as valid_to,
        leading_roles.is_active,
        leading_roles.is_strict,
        enterprises.industry_group,
        enterprises.municipality_code,
        enterprises.bankruptcy_date,
        enterprises.is_bankrupt,
        enterprises.is_compulsory_dissolution
    from leading_roles
    inner join {{ ref('registered_enterprises') }} as enterprises on leading_roles.orgnr = enterprises.orgnr
    where {{ undisputed('leading_roles', "'brreg'", "'enheter'", 'leading_roles.orgnr') }}
)

-- A role that ended the day it began was held on no day, and one that begins after the cut-off date on none so far.
select * from leaderships
where coalesce(valid_to > valid_from, true)
