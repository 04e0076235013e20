{#
    Keeps what was built: each model's compiled SQL, with {places} where it names this run's release or date, and each seed's rows as
    SQL. A later release assesses again by them, to tell which cause has which effect.
#}
{% macro keep_compiled(results) -%}
    {%- set built = results | selectattr("status", "equalto", "success") | map(attribute="node") | list -%}
    {%- set models = built | selectattr("resource_type", "equalto", "model") | list -%}
    {%- set seeds = built | selectattr("resource_type", "equalto", "seed") | list -%}
    {%- if execute and (models or seeds) %}
    with built (schema_name, name, sql) as (
        {%- for node in models %}
        select '{{ node.schema }}', '{{ node.name }}', {{ sql_text(with_places(node)) }}
        {{ "union all" if not loop.last or seeds }}
        {%- endfor %}
        {%- for node in seeds %}
        select '{{ node.schema }}', '{{ node.name }}', {{ seed_as_sql(node) }}
        {{ "union all" if not loop.last }}
        {%- endfor %}
    ),

    kept as (
        insert into meta.model_sql
        select distinct encode(sha256(convert_to(sql, 'UTF8')), 'hex'), sql from built
        on conflict do nothing
    )

    insert into meta.release_models
    select {{ release_id() }}, schema_name, name, encode(sha256(convert_to(sql, 'UTF8')), 'hex') from built
    on conflict (release_id, schema_name, name) do update set sha256 = excluded.sha256
    {%- endif %}
{%- endmacro %}

{% macro with_places(node) -%}
    {%- set place = namespace(code=node.compiled_code | replace('"' ~ node.database ~ '".', "")) -%}
    {%- set place.code = place.code | replace(disputed() | trim, "{disputed}") -%}
    {%- set place.code = place.code | replace(decided() | trim, "{decided}") -%}
    {%- set place.code = place.code | replace(gated() | trim, "{gated}") -%}
    {%- set place.code = place.code | replace(release_id() | trim, "{release_id}") -%}
    {{ return(place.code | replace(as_of() | trim, "{as_of}")) }}
{%- endmacro %}

{% macro seed_as_sql(node) -%}
    (
        select format(
            'select * from jsonb_to_recordset(%L::jsonb) as s (%s)',
            (select jsonb_agg(to_jsonb(s) order by to_jsonb(s)::text) from {{ node.schema }}.{{ node.name }} as s),
            (
                select string_agg(format('%I %s', column_name, data_type), ', ' order by ordinal_position)
                from information_schema.columns
                where table_schema = '{{ node.schema }}' and table_name = '{{ node.name }}'
            )
        )
    )
{%- endmacro %}
