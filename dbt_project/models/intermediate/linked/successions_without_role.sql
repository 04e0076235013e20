with successions as (
    select distinct
        bankruptcies.person_id,
        bankruptcies.role_id,
        bankruptcies.is_strict,
        successors.orgnr,
        successors.successor_orgnr,
        successors.bankruptcy_date,
        successors.started_date
    from {{ ref('successors') }} as successors
    inner join {{ ref('bankruptcies_led') }} as bankruptcies on successors.orgnr = bankruptcies.orgnr
    left join {{ ref('leaderships') }} as own
        on bankruptcies.person_id = own.person_id and successors.successor_orgnr = own.orgnr
    where own.person_id is null
        and {{ carries_on() }}
)

select * from successions
