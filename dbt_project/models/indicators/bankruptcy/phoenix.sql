with compared as (
    select
        *,
        has_same_address and moved_count >= 2 as is_moved,
        -- An owner's own home is the address of all that he owns: one likeness alone tells nothing.
        has_same_address::int + has_same_industry::int + (moved_count > 0)::int >= 2 as is_alike
    from {{ ref('successors') }}
),

-- What has moved was carried on whoever leads it; what is alike, where the same person leads it.
successions as (
    select
        bankruptcies.person_id,
        bankruptcies.role_id,
        successors.orgnr,
        successors.successor_orgnr,
        successors.bankruptcy_date,
        successors.started_date,
        bool_or(
            bankruptcies.is_strict and (coalesce(leaderships.is_strict, false) or successors.is_moved)
        ) as is_strict
    from compared as successors
    inner join {{ ref('bankruptcies_led') }} as bankruptcies on successors.orgnr = bankruptcies.orgnr
    left join {{ ref('leaderships') }} as leaderships
        on bankruptcies.person_id = leaderships.person_id and successors.successor_orgnr = leaderships.orgnr
    where successors.is_moved or (leaderships.person_id is not null and successors.is_alike)
    group by
        bankruptcies.person_id, bankruptcies.role_id, successors.orgnr, successors.successor_orgnr,
        successors.bankruptcy_date, successors.started_date
),

evidence as (
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        bankruptcy_date as event_date,
        orgnr,
        orgnr as bankrupt_orgnr,
        is_strict
    from successions
    union all
    select
        person_id,
        'brreg',
        'enheter',
        successor_orgnr,
        started_date,
        successor_orgnr,
        orgnr,
        is_strict
    from successions
),

{{ observations('phoenix', value='count(distinct bankrupt_orgnr)') }}
