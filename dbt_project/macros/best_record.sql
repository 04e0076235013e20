{# What to order a person's records by, the best first: by the agency that is the most to be relied on, the newest id before others. #}
{% macro best_first(records) -%}
    array_position(array['skatteetaten', 'brreg', 'nav', 'politiet', 'arbeidstilsynet'], {{ records }}.source) nulls last,
    {{ records }}.source_record_id desc
{%- endmacro %}
