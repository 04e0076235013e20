with exposed as (
    select
        code_prefix,
        industry_group
    from {{ ref('exposed_industries') }}
),

evidence as (
    select
        leaderships.person_id,
        'brreg' as agency,
        'roller' as extract,
        leaderships.role_id as source_row_id,
        leaderships.valid_from as event_date,
        leaderships.orgnr,
        leaderships.is_strict
    from {{ ref('leaderships') }} as leaderships
    inner join exposed on starts_with(leaderships.industry_code, exposed.code_prefix)
    where {{ leads_operating() }}
),

{{ observations('exposed_industry_roles', value='count(distinct orgnr)') }}
