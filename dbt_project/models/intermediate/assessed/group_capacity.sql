-- What a network or an enterprise can do, measured by the rules of capacity over all its enterprises and its leaders.
with groups as (
    select distinct
        group_kind,
        group_id
    from {{ ref('members_of_groups') }}
),

enterprises as (
    select
        groups.group_kind,
        groups.group_id,
        members.member_id as orgnr
    from groups
    inner join {{ ref('network_nodes') }} as members on groups.group_id = members.network_id
    where members.member_kind = 'enterprise'
    union all
    select
        group_kind,
        group_id,
        group_id
    from groups
    where group_kind = 'enterprise'
),

employees as (
    {{ employees_of_enterprises() }}
),

able as (
    select
        enterprises.group_kind,
        enterprises.group_id,
        enterprises.orgnr,
        registered.industry_group,
        catchments.centre_id,
        employees.employee_count,
        {{ is_exposed('registered') }} as is_exposed
    from enterprises
    inner join {{ ref('registered_enterprises') }} as registered on enterprises.orgnr = registered.orgnr
    left join ({{ catchments_in_force() }}) as catchments
        on registered.municipality_code = catchments.municipality_code
    left join employees on enterprises.orgnr = employees.orgnr
    where coalesce(registered.deleted_date > {{ as_of() }}, true) and {{ counts_for_capacity('registered') }}
),

leaders as (
    select
        enterprises.group_kind,
        enterprises.group_id,
        count(distinct ties.person_id) as leader_count
    from enterprises
    inner join {{ ref('role_ties') }} as ties on enterprises.orgnr = ties.orgnr and ties.tie = 'leading_role'
    group by enterprises.group_kind, enterprises.group_id
),

counted as (
    select
        group_kind,
        group_id,
        count(*) as enterprises,
        count(distinct left(industry_group, 2)) as industries,
        sum(employee_count) as employees,
        count(*) filter (where is_exposed) as exposed,
        count(distinct centre_id) as centres
    from able
    group by group_kind, group_id
),

measured as (
    {% set measures = {
        'active_enterprises': 'enterprises', 'several_industries': 'industries', 'employees_led': 'employees',
        'exposed_industry_roles': 'exposed', 'several_centres': 'centres',
    } -%}
    {% for code, measure in measures.items() %}
        select
            group_kind,
            group_id,
            '{{ code }}' as indicator_code,
            {{ measure }}::numeric as value,
            {{ points_of(rule(code), measure) }} as points
        from counted
        where {{ measure }} >= {{ rule(code).threshold }}
        union all
    {% endfor -%}
    -- One leader is met by all the others.
    select
        group_kind,
        group_id,
        'network_reach',
        (leader_count - 1)::numeric,
        {{ points_of(rule('network_reach'), '(leader_count - 1)') }}
    from leaders
    where leader_count - 1 >= {{ rule('network_reach').threshold }}
)

select * from measured
