with ties as (
    select distinct on (person_id, front_person_id, orgnr)
        {{ release_id() }} as release_id,
        stand_ins.person_id,
        stand_ins.front_person_id,
        stand_ins.orgnr,
        stand_ins.tie,
        stand_ins.front_role_id,
        stand_ins.since_date,
        stand_ins.is_strict
    from {{ ref('stand_ins') }} as stand_ins
    inner join {{ ref('control_ties') }} as strengths on stand_ins.tie = strengths.tie
    where not stand_ins.has_own_role
        and (
            stand_ins.person_id in (select person_id from {{ ref('assessed_persons') }})
            or stand_ins.front_person_id in (select person_id from {{ ref('assessed_persons') }})
        )
    order by person_id, front_person_id, orgnr, strengths.percent desc, stand_ins.since_date, stand_ins.front_role_id
)

select * from ties
