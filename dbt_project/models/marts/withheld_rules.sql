-- A rule is withheld with any data that it is made from; that it fired may be told where all of these may be.
with resting as (
    select
        split_part(origins.subject, '.', 2) as indicator_code,
        withheld.recipient,
        withheld.told
    from {{ ref('data_origins') }} as origins
    inner join {{ source('meta', 'withheld') }} as withheld
        on origins.agency = withheld.agency and origins.category = withheld.category
    where withheld.release_id = {{ gated() }} and origins.subject like 'rule.%'
),

kept as (
    select
        {{ release_id() }} as release_id,
        recipient as withheld_from,
        indicator_code,
        case when bool_and(told = 'hit') then 'hit' else 'nothing' end as told
    from resting
    group by recipient, indicator_code
)

select * from kept
