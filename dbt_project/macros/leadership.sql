{# Whether a leadership was held on a date; the end date itself does not count. #}
{% macro led_on(date, leaderships="leaderships") -%}
    ({{ leaderships }}.valid_from <= {{ date }} and coalesce({{ leaderships }}.valid_to > {{ date }}, true))
{%- endmacro %}

{# Whether it was held on a date or within so many days before it. #}
{% macro led_within(days, date, leaderships="leaderships") -%}
    (
        {{ leaderships }}.valid_from <= {{ date }}
        and coalesce({{ leaderships }}.valid_to >= {{ date }} - {{ days }}, true)
    )
{%- endmacro %}

{# The evidence row that shows by which role somebody led. #}
{% macro role_evidence(events) -%}
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        event_date,
        orgnr,
        is_strict
    from {{ events }}
{%- endmacro %}
