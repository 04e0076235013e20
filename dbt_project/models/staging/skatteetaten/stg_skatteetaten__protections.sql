{{ config(materialized='rebuilt') }}

-- What is said of the protected and holds, whether or not they stand in this state.
with said as (
    select
        record_id,
        identifier,
        previous_identifier,
        street_address,
        postcode
    from meta.protections_of({{ release_id() }})
),

delivered as (
    select * from {{ state('skatteetaten', 'personer') }}
),

protected as (
    select * from said
    union all
    select
        part_id,
        case when meta.person_number_kind_2032(ident) is not null then ident end,
        case when meta.person_number_kind_2032(tidligere_ident) is not null then tidligere_ident end,
        adresse,
        postnummer
    from delivered
    where coalesce(adressebeskyttelse, '') <> 'ugradert' or part_id in (select record_id from said)
),

-- The address itself stays where it was delivered.
digested as (
    select distinct
        'skatteetaten'::text as source,
        protected.record_id as source_record_id,
        protected.identifier,
        protected.previous_identifier,
        digests.digest as address_digest
    from protected
    left join lateral meta.protected_address_digests(protected.street_address, protected.postcode) as digests (digest)
        on true
)

select * from digested
