{#
    Whether the person of these events leaves the agency's row uncontested: what a person disputes is left out where it meets
    this person, and goes on counting for everybody else.
#}
{% macro undisputed(events, agency, extract, row_id, person_id="person_id") -%}
    not exists (
        select 1 from {{ ref('disputed_facts') }} as disputed
        where disputed.person_id = {{ events }}.{{ person_id }}
            and disputed.agency = {{ agency }}
            and disputed.extract = {{ extract }}
            and disputed.source_row_id = {{ row_id }}
    )
{%- endmacro %}
