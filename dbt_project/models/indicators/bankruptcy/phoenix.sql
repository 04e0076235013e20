with bankruptcies as (
    select * from {{ ref('bankruptcies_led') }}
),

-- Of one led by the same person, two must agree: an owner's own home is the address of all that he owns.
successions as (
    select
        bankruptcies.person_id,
        bankruptcies.role_id,
        successors.orgnr,
        successors.successor_orgnr,
        successors.bankruptcy_date,
        successors.started_date,
        bool_or(
            bankruptcies.is_strict
            and (
                coalesce(leaderships.is_strict, false)
                or (successors.has_same_address and successors.moved_count >= 2)
            )
        ) as is_strict
    from {{ ref('successors') }} as successors
    inner join bankruptcies on successors.orgnr = bankruptcies.orgnr
    left join {{ ref('leaderships') }} as leaderships
        on bankruptcies.person_id = leaderships.person_id and successors.successor_orgnr = leaderships.orgnr
    where (
        leaderships.person_id is not null
        and successors.has_same_address::int
        + successors.has_same_industry::int
        + (successors.moved_count > 0)::int >= 2
    )
    or (successors.has_same_address and successors.moved_count >= 2)
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
