with members as (
    select * from {{ ref('network_members') }}
    where release_id = {{ release_id() }}
),

ties as (
    select * from {{ ref('network_ties') }}
    where release_id = {{ release_id() }}
),

sizes as (
    select
        network_id,
        (count(*) filter (where member_kind = 'person'))::integer as persons,
        (count(*) filter (where member_kind = 'enterprise'))::integer as enterprises,
        (count(*) filter (where is_assessed))::integer as assessed_persons
    from members
    group by network_id
),

most_central as (
    select distinct on (network_id)
        network_id,
        member_id as person_id
    from members
    where is_assessed
    order by network_id, neighbour_count desc, tie_count desc, member_id
),

tie_counts as (
    select
        network_id,
        count(*)::integer as ties,
        bool_or(tie = 'succession') as has_succession,
        bool_or(tie = 'handover') as has_handover,
        min(first_date) as first_date
    from ties
    group by network_id
),

led_by_one as (
    select network_id
    from ties
    where tie = 'leading_role' and from_kind = 'person'
    group by network_id, from_id
    having count(*) >= 2
),

led_together as (
    select one.network_id
    from ties as one
    inner join ties as other
        on one.network_id = other.network_id
            and one.to_id = other.to_id
            and one.from_id < other.from_id
    where one.tie = 'leading_role' and other.tie = 'leading_role'
        and one.from_kind = 'person' and other.from_kind = 'person'
    group by one.network_id, one.from_id, other.from_id
    having count(*) >= 2
),

active as (
    select
        members.network_id,
        (count(distinct enterprises.orgnr))::integer as active_enterprises
    from members
    inner join {{ ref('registered_enterprises') }} as enterprises on members.member_id = enterprises.orgnr
    where members.member_kind = 'enterprise'
        and coalesce(enterprises.deleted_date > {{ as_of() }}, true)
        and {{ is_not_bankrupt('enterprises') }}
    group by members.network_id
),

centres as (
    select
        members.network_id,
        array_agg(distinct centres.centre_id order by centres.centre_id) as centres
    from members
    inner join {{ ref('centres_of_persons') }} as centres on members.member_id = centres.person_id
    where members.member_kind = 'person' and members.is_assessed
    group by members.network_id
),

described as (
    select
        {{ release_id() }} as release_id,
        sizes.network_id,
        case
            when tie_counts.has_succession then 'succession_chain'
            when tie_counts.has_handover then 'role_handover'
            when sizes.network_id in (select led_together.network_id from led_together) then 'shared_leadership'
            when sizes.network_id in (select led_by_one.network_id from led_by_one) then 'one_leader'
            when sizes.enterprises = 1 then 'one_enterprise'
            else 'loose'
        end as kind,
        sizes.persons,
        sizes.enterprises,
        coalesce(active.active_enterprises, 0) as active_enterprises,
        sizes.assessed_persons,
        most_central.person_id as most_central_person_id,
        tie_counts.ties,
        tie_counts.first_date,
        centres.centres
    from sizes
    inner join most_central on sizes.network_id = most_central.network_id
    inner join tie_counts on sizes.network_id = tie_counts.network_id
    left join active on sizes.network_id = active.network_id
    left join centres on sizes.network_id = centres.network_id
)

select * from described
