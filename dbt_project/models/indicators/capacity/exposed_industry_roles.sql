with exposed as (
    select code_prefix
    from {{ ref('exposed_industries') }}
),

controlled as (
    {{ control_evidence() }}
),

evidence as (
    select controlled.*
    from controlled
    where exists (
            select 1 from exposed
            where starts_with(controlled.industry_code, exposed.code_prefix)
        )
),

{{ observations('exposed_industry_roles', value='round(sum(strength))', through=true) }}
