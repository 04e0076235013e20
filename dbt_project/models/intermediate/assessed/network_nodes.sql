{{ config(indexes=[{'columns': ['network_id']}]) }}

with actors as (
    select person_id from {{ ref('assessed_persons') }}
),

connecting as materialized (
    select
        ties.from_kind || ' ' || ties.from_id as from_key,
        ties.to_kind || ' ' || ties.to_id as to_key
    from {{ ref('reachable_ties') }} as ties
    inner join {{ ref('network_rules') }} as rules on ties.tie = rules.tie
    where rules.connects
),

{{ component('connecting') }},

-- A network is three or more; it is named after its first actor, so that it keeps its name while it grows.
networks as (
    select
        component.label,
        'N' || upper(left(md5('network ' || min(actors.person_id)), 12)) as network_id
    from component
    left join actors on component.node = 'person ' || actors.person_id
    group by component.label
    having count(*) >= 3 and count(actors.person_id) > 0
),

members as (
    select
        networks.network_id,
        split_part(component.node, ' ', 1) as member_kind,
        split_part(component.node, ' ', 2) as member_id
    from component
    inner join networks on component.label = networks.label
)

select * from members
