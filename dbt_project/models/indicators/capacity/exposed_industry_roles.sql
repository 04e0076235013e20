with controlled as (
    {{ control_evidence() }}
),

evidence as (
    select controlled.*
    from controlled
    inner join {{ ref('registered_enterprises') }} as enterprises on controlled.orgnr = enterprises.orgnr
    where {{ is_exposed('enterprises') }}
),

{{ observations('exposed_industry_roles', value='round(sum(strength))', through=true) }}
