with bankruptcies as (
    select *
    from {{ ref('bankruptcies_led') }}
    where bankruptcy_date > {{ as_of() }} - interval '10 years'
),

evidence as (
    {{ bankruptcy_evidence('bankruptcies') }}
),

{{ observations('bankruptcy', value='count(distinct orgnr)', event='orgnr', by_role=true) }}
