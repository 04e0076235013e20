{{ config(indexes=[{'columns': ['network_id']}]) }}

with enterprises as (
    select * from {{ ref('network_enterprises') }}
),

nodes as (
    select
        network_id,
        'enterprise' as member_kind,
        orgnr as member_id,
        false as is_actor
    from enterprises
    union all
    select distinct
        enterprises.network_id,
        'person',
        role_ties.person_id,
        actors.person_id is not null
    from enterprises
    inner join {{ ref('role_ties') }} as role_ties
        on enterprises.orgnr = role_ties.orgnr and role_ties.tie = 'leading_role'
    left join {{ ref('assessed_persons') }} as actors on role_ties.person_id = actors.person_id
),

-- A network is three or more, one of them an actor.
networks as (
    select network_id
    from nodes
    group by network_id
    having count(*) >= 3 and bool_or(is_actor)
),

members as (
    select
        nodes.network_id,
        nodes.member_kind,
        nodes.member_id
    from nodes
    inner join networks on nodes.network_id = networks.network_id
)

select * from members
