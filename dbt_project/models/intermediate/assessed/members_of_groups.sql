{{ config(indexes=[{'columns': ['person_id']}]) }}

-- Whose facts count for a network or an enterprise at a centre: those of members whom that centre itself lists.
with listed as (
    select
        centre_id,
        person_id
    from {{ ref('assessments') }}
    where release_id = {{ release_id() }} and proposed_status is not null
),

groups as (
    select
        network_id,
        count(*) filter (where member_kind = 'person') as persons,
        count(*) filter (where member_kind = 'enterprise') as enterprises
    from {{ ref('network_nodes') }}
    group by network_id
),

-- One person's enterprises, or one enterprise's leaders, are no group.
of_networks as (
    select
        listed.centre_id,
        'network' as group_kind,
        members.network_id as group_id,
        members.member_id as person_id,
        1.0 as strength
    from {{ ref('network_nodes') }} as members
    inner join groups on members.network_id = groups.network_id and groups.persons >= 2 and groups.enterprises >= 2
    inner join listed on members.member_id = listed.person_id
    where members.member_kind = 'person'
),

operating as (
    select
        enterprises.orgnr,
        coalesce(catchments.centre_id, 'uten_senter') as centre_id
    from {{ ref('registered_enterprises') }} as enterprises
    left join ({{ catchments_in_force() }}) as catchments
        on enterprises.municipality_code = catchments.municipality_code
    -- A sole proprietorship is its owner, and where one is that is protected is not told by a list.
    where enterprises.legal_form_code <> 'ENK'
        and coalesce(enterprises.deleted_date > {{ as_of() }}, true)
        and {{ is_not_bankrupt('enterprises') }}
        and not exists (
            select 1 from {{ ref('protected_enterprises') }} as protected
            where protected.orgnr = enterprises.orgnr and protected.is_municipality_hidden
        )
),

of_enterprises as (
    select
        operating.centre_id,
        'enterprise',
        controlled.orgnr,
        controlled.person_id,
        controlled.strength
    from operating
    inner join {{ ref('enterprises_controlled') }} as controlled on operating.orgnr = controlled.orgnr
    inner join listed on operating.centre_id = listed.centre_id and controlled.person_id = listed.person_id
),

members as (
    select * from of_networks
    union all
    select * from of_enterprises
)

select * from members
