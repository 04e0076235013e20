{#
    An indicator's YAML block: the only place where its numbers stand; its area is its folder. dbt gives a unit test no
    graph to look it up in, so the tests hand the same blocks over as the var `rules`.
#}
{% macro rule(code) -%}
    {%- if not execute -%}
        {%- set numbers = {"version": 1, "threshold": 1, "points": 1, "step_size": 1, "step_points": 1, "cap": 1} -%}
        {{ return(dict(numbers, agencies=[], extracts=[], look_back=1)) }}
    {%- endif -%}
    {%- if var("rules", none) -%}
        {{ return(var("rules")[code]) }}
    {%- endif -%}
    {%- set node = graph.nodes["model.akrim." ~ code] -%}
    {{ return(dict(node.config.meta, area=node.fqn[-2])) }}
{%- endmacro %}

{% macro sql_text(text) -%} '{{ (text or "") | replace("'", "''") }}' {%- endmacro %}

{# points = points at the threshold + step_points for each further step_size, up to the cap. #}
{% macro points_of(rule, value) -%}
    least(
        {{ rule.cap }},
        {{ rule.points }} + {{ rule.step_points }} * floor(({{ value }} - {{ rule.threshold }}) / {{ rule.step_size }})
    )::integer
{%- endmacro %}

{# Whether something happened in the years that facts count for a rule. #}
{% macro is_recent(date, code) -%}
    ({{ date }} > {{ as_of() }} - make_interval(years => {{ rule(code).look_back }}))
{%- endmacro %}

{# Whether a police case of a person is about work, may count and made him a suspect charged or convicted by the cut-off date. #}
{% macro is_charged() -%}
    (
        may_add_points
        and is_work_related
        and involvement_code in ('siktet', 'domfelt')
        and reported_date <= {{ as_of() }}
    )
{%- endmacro %}

{# Every rule as a row: what is checked for whom, and which agencies' data that takes. #}
{% macro rule_rows() -%}
    {%- for code in var("indicators") %}
    {%- set rule = rule(code) %}
    (
        '{{ code }}', {{ rule.version }}, '{{ rule.dimension }}', '{{ rule.area }}', array['{{ rule.agencies | join("', '") }}'],
        array['{{ rule.extracts | join("', '") }}'], {{ "'" ~ rule.event ~ "'" if rule.event else "null::text" }}
    ){{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Every rule as a row with its numbers. #}
{% macro rules_in_full() -%}
    {%- for code in var("indicators") %}
    {%- set rule = rule(code) %}
    (
        '{{ code }}', {{ rule.version }}, '{{ rule.dimension }}', '{{ rule.area }}', {{ "'" ~ rule.event ~ "'" if rule.event else "null::text" }},
        array['{{ rule.agencies | join("', '") }}'], array['{{ rule.extracts | join("', '") }}'], {{ rule.threshold }}, {{ rule.points }},
        {{ rule.step_size }}, {{ rule.step_points }}, {{ rule.cap }}, {{ rule.look_back or "null::integer" }}, date '{{ rule.valid_from }}'
    ){{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
