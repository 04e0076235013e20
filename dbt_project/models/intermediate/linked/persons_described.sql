{{ config(indexes=[{'columns': ['person_id']}]) }}

{% set best_first %}
    array_position(array['skatteetaten', 'brreg', 'nav', 'politiet', 'arbeidstilsynet'], records.source) nulls last,
    records.source_record_id desc
{% endset %}

with records as (
    select
        person_links.person_id,
        person_links.match_weight,
        person_records.source,
        person_records.source_record_id,
        person_records.given_name,
        person_records.middle_name,
        person_records.family_name,
        person_records.birth_date,
        person_records.street_address,
        person_records.postcode,
        person_records.municipality_code
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
        (array_agg(birth_date order by {{ best_first }}) filter (where birth_date is not null))[1] as birth_date
    from records
    group by person_id
),

names as (
    select distinct on (person_id)
        person_id,
        given_name,
        middle_name,
        family_name
    from records
    order by person_id, (given_name is null)::int, {{ best_first }}
),

addresses as (
    select distinct on (person_id)
        records.person_id,
        records.street_address,
        records.postcode,
        coalesce(records.municipality_code, postcodes.municipality_code) as municipality_code
    from records
    left join {{ ref('postcode_municipalities') }} as postcodes on records.postcode = postcodes.postcode
    where (records.postcode is not null or records.municipality_code is not null)
        and not exists (
            select 1 from {{ ref('protected_persons') }} as protected
            where protected.person_id = records.person_id
        )
    order by records.person_id, {{ best_first }}
),

described as (
    select
        summaries.person_id,
        concat_ws(' ', names.given_name, names.middle_name, names.family_name) as full_name,
        names.given_name,
        names.middle_name,
        names.family_name,
        summaries.birth_date,
        addresses.street_address,
        addresses.postcode,
        addresses.municipality_code,
        protected.person_id is not null as has_protected_address,
        summaries.agencies,
        summaries.record_count,
        summaries.weakest_match_weight
    from summaries
    inner join names on summaries.person_id = names.person_id
    left join addresses on summaries.person_id = addresses.person_id
    left join {{ ref('protected_persons') }} as protected on summaries.person_id = protected.person_id
)

select * from described
