with persons as materialized (
    select
        members.network_id,
        members.member_id as person_id,
        {{ address_key('described.street_address') }} as address_key,
        described.postcode
    from {{ ref('network_nodes') }} as members
    inner join {{ ref('persons_described') }} as described on members.member_id = described.person_id
    where members.member_kind = 'person'
),

homes as (
    select
        *,
        count(*) over (partition by network_id, address_key, postcode) as resident_count
    from persons
    where address_key is not null and postcode is not null
),

enterprises as (
    select
        network_id,
        member_id as orgnr
    from {{ ref('network_nodes') }}
    where member_kind = 'enterprise'
),

drawn as (
    select
        enterprises.network_id,
        'person' as from_kind,
        role_ties.person_id as from_id,
        'enterprise' as to_kind,
        role_ties.orgnr as to_id,
        role_ties.tie,
        role_ties.first_date,
        role_ties.last_date,
        role_ties.tie_count
    from {{ ref('role_ties') }} as role_ties
    inner join enterprises on role_ties.orgnr = enterprises.orgnr
    union all
    -- Whoever is charged in a case about one of its enterprises takes part by what he did, whatever his profession.
    select
        enterprises.network_id,
        'person',
        cases.person_id,
        'enterprise',
        cases.orgnr,
        'charged_in',
        min(cases.reported_date),
        null,
        count(distinct cases.case_number)::integer
    from {{ ref('police_cases_of_persons') }} as cases
    inner join enterprises on cases.orgnr = enterprises.orgnr
    where {{ is_charged() }} and {{ is_recent('cases.reported_date', 'several_offences') }}
    group by enterprises.network_id, cases.person_id, cases.orgnr
    union all
    select
        one.network_id,
        'enterprise',
        ties.from_orgnr,
        'enterprise',
        ties.to_orgnr,
        ties.tie,
        ties.first_date,
        ties.last_date,
        ties.tie_count
    from {{ ref('enterprise_ties') }} as ties
    inner join enterprises as one on ties.from_orgnr = one.orgnr
    inner join enterprises as other on ties.to_orgnr = other.orgnr and one.network_id = other.network_id
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
            and one.address_key = other.address_key
            and one.postcode = other.postcode
            and one.person_id < other.person_id
    where one.resident_count <= {{ hub_limit('shared_home') }}
)

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
