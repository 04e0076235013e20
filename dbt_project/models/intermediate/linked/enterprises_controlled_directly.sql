with fronted as (
    select distinct
        front_person_id,
        orgnr
    from {{ ref('straw_men') }}
    where not has_own_role
),

own as (
    select
        leaderships.person_id,
        leaderships.orgnr,
        case when fronted.orgnr is null then 'own_role' else 'lent_name' end as tie,
        null::text as through_person_id,
        leaderships.role_id,
        leaderships.valid_from as since_date,
        leaderships.is_strict
    from {{ ref('leaderships') }} as leaderships
    left join fronted on leaderships.person_id = fronted.front_person_id and leaderships.orgnr = fronted.orgnr
    where leaderships.is_active
),

-- Through whoever has left it nobody leads it any more; who was met in charge there leads it whoever stands in the
-- register.
through_others as (
    select
        straw_men.person_id,
        straw_men.orgnr,
        straw_men.tie,
        straw_men.front_person_id as through_person_id,
        straw_men.front_role_id as role_id,
        straw_men.since_date,
        straw_men.is_strict
    from {{ ref('straw_men') }} as straw_men
    where straw_men.tie = 'met_in_charge'
        or exists (
            select 1 from {{ ref('leaderships') }} as fronts
            where fronts.person_id = straw_men.front_person_id
                and fronts.orgnr = straw_men.orgnr
                and fronts.is_active
        )
),

strongest as (
    select distinct on (direct.person_id, direct.orgnr)
        direct.*,
        strengths.percent::numeric as percent
    from (
        select * from own
        union all
        select * from through_others
    ) as direct
    inner join {{ ref('control_ties') }} as strengths on direct.tie = strengths.tie
    where direct.since_date <= {{ as_of() }}
    order by
        direct.person_id, direct.orgnr, strengths.percent desc, not direct.is_strict, direct.since_date,
        direct.role_id, direct.tie
)

select * from strongest
