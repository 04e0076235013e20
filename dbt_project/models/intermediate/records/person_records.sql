{{ config(indexes=[{'columns': ['source', 'source_record_id']}]) }}

with unioned as (
    {% for model in var('person_record_models') %}
        select
            source,
            extract,
            source_record_id,
            identifier,
            previous_identifier,
            given_name,
            middle_name,
            family_name,
            birth_date,
            street_address,
            postcode,
            municipality_code,
            phone,
            meta.person_number_kind_2032(identifier) is not null as has_person_number
        from {{ ref(model) }}
        {{ "union all" if not loop.last }}
    {% endfor %}
)

select * from unioned
