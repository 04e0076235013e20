with listed as (
    select
        centre_id,
        group_id as network_id,
        count(*)::integer as persons_listed
    from {{ ref('members_of_groups') }}
    where group_kind = 'network'
    group by centre_id, group_id
),

leaders as (
    select distinct on (points.centre_id, points.group_id)
        points.centre_id,
        points.group_id as network_id,
        listed.person_id
    from {{ ref('points_of_groups') }} as points
    inner join {{ ref('members_of_groups') }} as listed
        on points.centre_id = listed.centre_id
            and points.group_kind = listed.group_kind
            and points.group_id = listed.group_id
    inner join {{ ref('network_members') }} as members
        on listed.group_id = members.network_id
            and members.release_id = {{ release_id() }}
            and members.member_kind = 'person'
            and listed.person_id = members.member_id
    where points.group_kind = 'network'
    order by
        points.centre_id, points.group_id,
        members.part <> 'leader', members.neighbour_count desc, members.tie_count desc, listed.person_id
),

assessed as (
    select
        {{ release_id() }} as release_id,
        points.centre_id,
        points.group_id as network_id,
        points.rank,
        points.intention_points,
        points.capacity_points,
        points.intention_points + points.capacity_points as total_points,
        points.areas,
        points.fired_count,
        points.proposed_status,
        networks.kind,
        listed.persons_listed,
        networks.persons - listed.persons_listed as persons_beside,
        networks.enterprises,
        networks.active_enterprises,
        leaders.person_id as leading_person_id
    from {{ ref('points_of_groups') }} as points
    inner join {{ ref('networks') }} as networks
        on points.group_id = networks.network_id and networks.release_id = {{ release_id() }}
    inner join listed on points.centre_id = listed.centre_id and points.group_id = listed.network_id
    inner join leaders on points.centre_id = leaders.centre_id and points.group_id = leaders.network_id
    where points.group_kind = 'network'
)

select * from assessed
