with ties as (
    select * from {{ ref('network_ties') }}
    where release_id = {{ release_id() }}
),

ends as (
    select
        network_id,
        from_kind as member_kind,
        from_id as member_id,
        to_id as other_id,
        tie
    from ties
    union all
    select
        network_id,
        to_kind,
        to_id,
        from_id,
        tie
    from ties
),

actors as (
    select person_id from {{ ref('assessed_persons') }}
),

counted as (
    select
        network_id,
        member_kind,
        member_id,
        count(*)::integer as tie_count,
        count(distinct other_id)::integer as neighbour_count,
        member_kind = 'enterprise' or bool_or(tie = 'leading_role') as is_connected,
        bool_or(tie = 'charged_in') as is_charged
    from ends
    group by network_id, member_kind, member_id
),

led as (
    select
        network_id,
        from_id as person_id,
        to_id as orgnr
    from ties
    where tie = 'leading_role' and from_kind = 'person'
),

fronted as (
    select
        led.network_id,
        straw_men.person_id,
        straw_men.front_person_id,
        straw_men.orgnr
    from {{ ref('straw_men') }} as straw_men
    inner join led on straw_men.orgnr = led.orgnr and straw_men.front_person_id = led.person_id
    where not straw_men.has_own_role
),

-- What each leads, or controls through others.
reach as (
    select
        network_id,
        person_id,
        rank() over (partition by network_id order by count(distinct orgnr) desc) as place
    from (
        select led.* from led
        left join fronted on led.network_id = fronted.network_id and led.person_id = fronted.front_person_id
        where fronted.network_id is null
        union all
        select
            network_id,
            person_id,
            orgnr
        from fronted
    ) as controlled
    group by network_id, person_id
),

measured as (
    select
        {{ release_id() }} as release_id,
        counted.network_id,
        counted.member_kind,
        counted.member_id,
        counted.member_kind = 'person' and actors.person_id is not null as is_assessed,
        counted.is_connected,
        case
            when counted.member_kind = 'enterprise' then 'enterprise'
            when exists (
                    select 1 from fronted
                    where fronted.network_id = counted.network_id and fronted.front_person_id = counted.member_id
                ) then 'straw_man'
            when reach.place = 1 then 'leader'
            when counted.is_connected then 'co_leader'
            when counted.is_charged then 'facilitator'
            else 'beside'
        end as part,
        counted.tie_count,
        counted.neighbour_count,
        round(
            counted.neighbour_count::numeric / (count(*) over (partition by counted.network_id) - 1), 3
        ) as centrality
    from counted
    left join reach
        on counted.member_kind = 'person'
            and counted.network_id = reach.network_id
            and counted.member_id = reach.person_id
    left join actors on counted.member_kind = 'person' and counted.member_id = actors.person_id
)

select * from measured
