with actors as (
    select distinct person_id from {{ ref('assessments') }}
    where release_id = {{ release_id() }}
),

role_ties as (
    select * from {{ ref('role_ties') }}
),

enterprise_ties as (
    select * from {{ ref('enterprise_ties') }}
),

led as materialized (
    select distinct role_ties.orgnr
    from role_ties
    inner join actors on role_ties.person_id = actors.person_id
    where role_ties.tie = 'leading_role'
),

-- What an actor led, and one tie further.
reached as materialized (
    select orgnr from led
    union
    select enterprise_ties.to_orgnr
    from enterprise_ties
    inner join led on enterprise_ties.from_orgnr = led.orgnr
    union
    select enterprise_ties.from_orgnr
    from enterprise_ties
    inner join led on enterprise_ties.to_orgnr = led.orgnr
),

ties as materialized (
    select
        'person' as from_kind,
        role_ties.person_id as from_id,
        'enterprise' as to_kind,
        role_ties.orgnr as to_id,
        role_ties.tie,
        role_ties.first_date,
        role_ties.last_date,
        role_ties.tie_count
    from role_ties
    inner join reached on role_ties.orgnr = reached.orgnr
    union all
    select
        'enterprise',
        enterprise_ties.from_orgnr,
        'enterprise',
        enterprise_ties.to_orgnr,
        enterprise_ties.tie,
        enterprise_ties.first_date,
        null,
        enterprise_ties.tie_count
    from enterprise_ties
    inner join reached as origins on enterprise_ties.from_orgnr = origins.orgnr
    inner join reached as targets on enterprise_ties.to_orgnr = targets.orgnr
),

connecting as materialized (
    select
        ties.from_kind || ' ' || ties.from_id as from_key,
        ties.to_kind || ' ' || ties.to_id as to_key
    from ties
    inner join {{ ref('network_rules') }} as rules on ties.tie = rules.tie
    where rules.connects
),

{{ component('connecting') }},

-- A network is three or more; it is named after its first actor, so that it keeps its name while it grows.
networks as materialized (
    select
        component.label,
        'N' || upper(left(md5('network ' || min(actors.person_id)), 12)) as network_id
    from component
    left join actors on component.node = 'person ' || actors.person_id
    group by component.label
    having count(*) >= 3 and count(actors.person_id) > 0
),

members as materialized (
    select
        networks.network_id,
        split_part(component.node, ' ', 1) as member_kind,
        split_part(component.node, ' ', 2) as member_id
    from component
    inner join networks on component.label = networks.label
),

persons as materialized (
    select
        members.network_id,
        members.member_id as person_id,
        described.street_address,
        described.postcode
    from members
    inner join {{ ref('persons_described') }} as described on members.member_id = described.person_id
    where members.member_kind = 'person'
),

homes as (
    select
        *,
        count(*) over (partition by network_id, street_address, postcode) as resident_count
    from persons
    where street_address is not null and postcode is not null
),

drawn as (
    select
        members.network_id,
        ties.*
    from ties
    inner join members on ties.to_kind = members.member_kind and ties.to_id = members.member_id
    union all
    select
        givers.network_id,
        'person',
        handovers.person_id,
        'person',
        handovers.taker_person_id,
        'handover',
        min(handovers.handed_over_date),
        max(handovers.handed_over_date),
        count(*)::integer
    from {{ ref('handovers') }} as handovers
    inner join persons as givers on handovers.person_id = givers.person_id
    inner join persons as takers
        on handovers.taker_person_id = takers.person_id and givers.network_id = takers.network_id
    group by givers.network_id, handovers.person_id, handovers.taker_person_id
    union all
    select
        one.network_id,
        'person',
        one.person_id,
        'person',
        other.person_id,
        'shared_home',
        null,
        null,
        1
    from homes as one
    inner join homes as other
        on one.network_id = other.network_id
            and one.street_address = other.street_address
            and one.postcode = other.postcode
            and one.person_id < other.person_id
    where one.resident_count <= {{ hub_limit('shared_home') }}
),

released as (
    select
        {{ release_id() }} as release_id,
        network_id,
        from_kind,
        from_id,
        to_kind,
        to_id,
        tie,
        first_date,
        last_date,
        tie_count
    from drawn
)

select * from released
