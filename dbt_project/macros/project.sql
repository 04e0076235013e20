{# Schemas are named exactly as configured: staging, intermediate, indicators, marts, seeds. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name if custom_schema_name else target.schema }}
{%- endmacro %}

{#
    The cut-off date, the release and the period of this run, as SQL literals. They come by the environment and are read when SQL is
    made, not when the project is parsed: with a var dbt would parse the whole project anew for each run.
#}
{% macro as_of() -%} date '{{ of_run("AS_OF") }}' {%- endmacro %}
{% macro release_id() -%} '{{ of_run("RELEASE_ID") }}'::text {%- endmacro %}
{% macro period() -%} '{{ of_run("PERIOD") }}' {%- endmacro %}
{% macro of_run(name) -%} {{ return(env_var("DBT_" ~ name) if execute else "") }} {%- endmacro %}

{% macro get_where_subquery(relation) -%} {{ return(chosen(relation, config.get("where"))) }} {%- endmacro %}

{# The rows that a test looks at. Its `where` may say __this_release__; dbt renders it while it parses, when no run is known yet. #}
{% macro chosen(relation, where) -%}
    {%- if where -%}
        {{ return("(select * from " ~ relation ~ " where " ~ where | replace("__this_release__", release_id()) ~ ") as chosen") }}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}

{#
    The extract's state, given the deliveries that this release has pinned, without the rows that somebody disputes and without
    what the sharing matrix keeps from the assessment.
#}
{% macro state(agency, extract) -%}
    {%- do source("landing", agency ~ "_" ~ extract) -%}
    state.{{ agency }}_{{ extract }}({{ pinned(agency) }}, {{ disputed() }}, {{ gated() }})
{%- endmacro %}

{# An extract that may be left out: no rule rests on it, and where it is not there it is neither missing nor empty. #}
{% macro optional_extract(agency, extract) -%} {{ state(agency, extract) }} {%- endmacro %}

{# Every (agency, extract) that a staging model reads, in order: what an assessment can rest on. #}
{% macro staged_extracts() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == "model" and "staging" in node.fqn -%}
            {%- for one in modules.re.findall("state\\('(\\w+)', '(\\w+)'\\)", node.raw_code) if one not in found -%}
                {%- do found.append(one) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort) }}
{%- endmacro %}

{# The comments tell keep_compiled which literal is what. #}
{% macro disputed() -%} {{ release_id() }} /* disputed */ {%- endmacro %}
{% macro decided() -%} {{ release_id() }} /* decided */ {%- endmacro %}
{% macro gated() -%} {{ release_id() }} /* gated */ {%- endmacro %}

{# The ids of the agency's deliveries in the order of application: rows of the release's register, never text in a query. #}
{% macro pinned(agency) -%}
    meta.pinned('{{ agency }}', {{ decided() if agency == "sentrene" else release_id() }})
{%- endmacro %}

{# The number that a published definition gives: days or points. #}
{% macro quantity(definition_code) -%}
    (select definition.quantity from {{ ref('definitions') }} as definition
    where definition.definition_code = '{{ definition_code }}')
{%- endmacro %}
