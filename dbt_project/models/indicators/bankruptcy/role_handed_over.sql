with covers as (
    select * from {{ ref('covers') }}
    where tie = 'handover' and {{ is_recent('since_date', 'role_handed_over') }}
),

evidence as (
    {{ role_evidence('covers', date='since_date') }}
    union all
    {{ role_evidence('covers', 'front_role_id', 'since_date') }}
),

{{ observations('role_handed_over', value='count(distinct event_id)', event=collapse_of('orgnr')) }}
