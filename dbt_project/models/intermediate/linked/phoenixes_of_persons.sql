with behind as (
    select
        person_id,
        bankrupt_orgnr,
        orgnr
    from {{ ref('straw_men') }}
    where tie <> 'handover'
),

phoenixes as (
    select
        successions.person_id,
        successions.role_id,
        successions.orgnr,
        successions.successor_orgnr,
        successions.bankruptcy_date,
        successions.started_date,
        successions.is_strict and (successions.is_own_role_strict or successions.is_moved_before) as is_strict
    from {{ ref('successions_of_persons') }} as successions
    where successions.is_moved_before
        or (
            successions.has_own_role
            and (
                successions.is_alike
                or exists (
                    select 1 from behind
                    where behind.person_id = successions.person_id
                        and behind.bankrupt_orgnr = successions.orgnr
                        and behind.orgnr = successions.successor_orgnr
                )
            )
        )
)

select * from phoenixes
