with ties as (
    select distinct on (person_id, front_person_id, orgnr)
        {{ release_id() }} as release_id,
        straw_men.person_id,
        straw_men.front_person_id,
        straw_men.orgnr,
        straw_men.tie,
        straw_men.front_role_id,
        straw_men.since_date,
        straw_men.is_strict
    from {{ ref('straw_men') }} as straw_men
    inner join {{ ref('control_ties') }} as strengths on straw_men.tie = strengths.tie
    where not straw_men.has_own_role
        and (
            straw_men.person_id in (select person_id from {{ ref('assessed_persons') }})
            or straw_men.front_person_id in (select person_id from {{ ref('assessed_persons') }})
        )
    order by
        person_id, front_person_id, orgnr,
        strengths.percent desc, straw_men.since_date, straw_men.front_role_id, straw_men.tie, not straw_men.is_strict
)

select * from ties
