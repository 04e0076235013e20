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
        bool_or(rules.connects) as is_connected
    from ends
    inner join {{ ref('network_rules') }} as rules on ends.tie = rules.tie
    group by network_id, member_kind, member_id
),

measured as (
    select
        {{ release_id() }} as release_id,
        counted.network_id,
        counted.member_kind,
        counted.member_id,
        counted.member_kind = 'person' and actors.person_id is not null as is_assessed,
        counted.is_connected,
        counted.tie_count,
        counted.neighbour_count,
        round(
            counted.neighbour_count::numeric / (count(*) over (partition by counted.network_id) - 1), 3
        ) as centrality
    from counted
    left join actors on counted.member_kind = 'person' and counted.member_id = actors.person_id
)

select * from measured
