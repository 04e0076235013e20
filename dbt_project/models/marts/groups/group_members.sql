-- Who counts for a network or an enterprise at a centre, and what the rules of intention found about each alone.
with found as (
    select
        members.centre_id,
        members.group_kind,
        members.group_id,
        members.person_id,
        members.strength,
        assessments.intention_points
    from {{ ref('members_of_groups') }} as members
    inner join {{ ref('points_of_groups') }} as points
        on members.centre_id = points.centre_id
            and members.group_kind = points.group_kind
            and members.group_id = points.group_id
    inner join {{ ref('assessments') }} as assessments
        on members.centre_id = assessments.centre_id
            and members.person_id = assessments.person_id
            and assessments.release_id = {{ release_id() }}
),

released as (
    select
        {{ release_id() }} as release_id,
        centre_id,
        group_kind,
        group_id,
        person_id,
        strength::numeric(3, 2) as strength,
        intention_points
    from found
)

select * from released
