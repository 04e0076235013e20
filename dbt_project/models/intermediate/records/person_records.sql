{{ config(indexes=[{'columns': ['source', 'source_record_id']}]) }}

with {% for model in var('person_record_models') %}
{{ model }} as (
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
        period_first_seen,
        period_last_seen
    from {{ ref(model) }}
),
{% endfor %}
unioned as (
    {% for model in var('person_record_models') %}
    select * from {{ model }}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select * from unioned
