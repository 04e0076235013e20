with leaderships as (
    select *
    from {{ ref('leaderships') }} as leaderships
    where {{ leads_operating() }}
),

evidence as (
    {{ role_evidence('leaderships', date='valid_from') }}
),

{{ observations('active_enterprises', value='count(distinct orgnr)') }}
