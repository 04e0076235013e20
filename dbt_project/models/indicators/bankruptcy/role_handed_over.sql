-- A business handed on at home is a family's own matter, unless the giver left a bankruptcy behind or did not let go.
with handovers as (
    select * from {{ ref('handovers') }}
    where (has_shared_home and (has_giver_been_bankrupt or is_giver_still_leading))
        or (is_taker_new and is_giver_still_leading)
        or is_taker_carrying_on
),

evidence as (
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        handed_over_date as event_date,
        orgnr,
        is_strict
    from handovers
    union all
    select
        person_id,
        'brreg',
        'roller',
        taker_role_id,
        handed_over_date,
        orgnr,
        is_strict
    from handovers
),

{{ observations('role_handed_over', value='count(distinct orgnr)') }}
