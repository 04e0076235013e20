{# How far an agency is to be relied on for who a person is, the most first. #}
{% macro reliability(source) -%}
    array_position(array['skatteetaten', 'brreg', 'nav', 'politiet', 'arbeidstilsynet'], {{ source }})
{%- endmacro %}

{# What to order a person's `records` by, the best first: by the agency that is the most to be relied on, the newest id before others. #}
{% macro best_first() -%}
    {{ reliability('records.source') }} nulls last,
    records.source_record_id desc
{%- endmacro %}
