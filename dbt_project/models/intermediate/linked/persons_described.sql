{{ config(indexes=[{'columns': ['person_id']}]) }}

with records as (
    select
        person_links.person_id,
        person_links.match_weight,
        person_records.source,
        person_records.source_record_id,
        person_records.has_person_number,
        person_records.given_name,
        person_records.middle_name,
        person_records.family_name,
        person_records.birth_date
    from {{ ref('persons_of_interest') }} as persons_of_interest
    inner join {{ ref('person_links') }} as person_links
        on persons_of_interest.person_id = person_links.person_id
    inner join {{ ref('person_records') }} as person_records
        on person_links.source = person_records.source
            and person_links.source_record_id = person_records.source_record_id
),

summaries as (
    select
        person_id,
        array_agg(distinct source order by source) as agencies,
        count(*) as record_count,
        min(match_weight) as weakest_match_weight,
        bool_or(has_person_number) as has_person_number
    from records
    group by person_id
),

births as (
    select distinct on (person_id)
        person_id,
        birth_date,
        source as birth_date_agency
    from records
    where birth_date is not null
    order by person_id, {{ best_first() }}
),

names as (
    select distinct on (person_id)
        person_id,
        given_name,
        middle_name,
        family_name,
        source as name_agency
    from records
    order by person_id, (given_name is null)::int, {{ best_first() }}
),

-- Whoever bears a protected address; one without a person number may be its protected person in another guise.
bearers as (
    select distinct
        borne.person_id,
        not summaries.has_person_number as may_be_protected
    from {{ ref('borne_addresses') }} as borne
    inner join summaries on borne.person_id = summaries.person_id
    inner join {{ ref('protected_addresses') }} as protected on borne.address_digest = protected.address_digest
),

described as (
    select
        summaries.person_id,
        meta.without_person_numbers(concat_ws(' ', names.given_name, names.middle_name, names.family_name))
            as full_name,
        names.given_name,
        names.middle_name,
        names.family_name,
        births.birth_date,
        case when bearers.person_id is null then addresses.street_address end as street_address,
        case when bearers.person_id is null then addresses.postcode end as postcode,
        case when bearers.may_be_protected is not true then addresses.municipality_code end as municipality_code,
        protected.person_id is not null or coalesce(bearers.may_be_protected, false) as has_protected_address,
        summaries.agencies,
        summaries.record_count,
        summaries.weakest_match_weight,
        names.name_agency,
        births.birth_date_agency,
        addresses.address_agency
    from summaries
    inner join names on summaries.person_id = names.person_id
    left join births on summaries.person_id = births.person_id
    left join {{ ref('best_addresses') }} as addresses on summaries.person_id = addresses.person_id
    left join bearers on summaries.person_id = bearers.person_id
    left join {{ ref('protected_persons') }} as protected on summaries.person_id = protected.person_id
)

select * from described
