{{ config(indexes=[{'columns': ['person_id']}]) }}

with bankrupt as (
    select distinct
        bankruptcies.person_id,
        bankruptcies.orgnr,
        bankruptcies.bankruptcy_date,
        coalesce(enterprises.founded_date, enterprises.registered_date) as started_date,
        enterprises.address_key,
        enterprises.postcode
    from {{ ref('bankruptcies_led') }} as bankruptcies
    inner join {{ ref('registered_enterprises') }} as enterprises on bankruptcies.orgnr = enterprises.orgnr
),

-- Nobody delivers shares: that one enterprise leads the other is what the register tells of who is whose parent.
parents as (
    select distinct
        roles.orgnr,
        roles.holder_orgnr
    from {{ ref('person_roles') }} as roles
    inner join {{ ref('registered_enterprises') }} as enterprises on roles.orgnr = enterprises.orgnr
    where roles.is_leading
        and roles.holder_orgnr is not null
        and roles.valid_from <= enterprises.bankruptcy_date
        and coalesce(roles.valid_to >= enterprises.bankruptcy_date - {{ quantity('bankruptcy_involvement') }}, true)
),

families as (
    select
        orgnr,
        holder_orgnr as family_orgnr
    from parents
    union
    select
        holder_orgnr,
        holder_orgnr
    from parents
),

-- What was started shortly before the first bankruptcy carries it on, and is no part of what fell.
together as (
    select
        later.person_id,
        later.orgnr,
        earlier.orgnr as collapse_orgnr,
        earlier.bankruptcy_date
    from bankrupt as later
    inner join bankrupt as earlier
        on later.person_id = earlier.person_id
            and (earlier.bankruptcy_date, earlier.orgnr) < (later.bankruptcy_date, later.orgnr)
            and earlier.bankruptcy_date >= later.bankruptcy_date - {{ quantity('group_collapse') }}
    where later.started_date < earlier.bankruptcy_date - {{ quantity('phoenix_before') }}
        and (
            (later.address_key = earlier.address_key and later.postcode = earlier.postcode)
            or exists (
                select 1
                from families as one
                inner join families as other on one.family_orgnr = other.family_orgnr
                where one.orgnr = later.orgnr and other.orgnr = earlier.orgnr
            )
        )
)

select distinct on (person_id, orgnr)
    person_id,
    orgnr,
    collapse_orgnr
from together
order by person_id, orgnr, bankruptcy_date, collapse_orgnr
