with judged as (
    select
        *,
        -- Else a business handed on at home is a family's own matter.
        has_shared_home and (has_giver_been_bankrupt or is_giver_still_leading) as is_within_the_family,
        is_taker_new and is_giver_still_leading as is_in_name_only
    from {{ ref('handovers') }}
),

handovers as (
    select * from judged
    where is_within_the_family or is_in_name_only or is_taker_carrying_on
),

evidence as (
    {{ role_evidence('handovers', date='handed_over_date') }}
    union all
    {{ role_evidence('handovers', 'taker_role_id', 'handed_over_date') }}
),

{{ observations('role_handed_over', value='count(distinct orgnr)') }}
