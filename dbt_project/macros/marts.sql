{# Whether earlier releases may stand in this mart, or in the one given, already; compiling alone, without a database, asks nothing. #}
{% macro has_earlier_releases(mart=none) -%}
    {%- set mart = mart or this -%}
    {%- set is_built = execute and flags.WHICH in ("build", "run") -%}
    {{ return(is_built and adapter.get_relation(this.database, mart.schema, mart.identifier) is not none) }}
{%- endmacro %}

{# What a mart once held and may not: gone for the releases before, too, with the view that shows it and is made anew. #}
{% macro drop_column(name) -%}
    {%- if execute and adapter.get_relation(this.database, this.schema, this.identifier) -%}
        alter table {{ this }} drop column if exists {{ name }} cascade
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}

{# The newest published release alone, with what each column means. #}
{% macro current_view() -%}
    create or replace view marts_current.{{ this.identifier }} as
    select * from {{ this }}
    where release_id = (select release_id from marts.releases where is_newest);
    {{ described("marts_current." ~ this.identifier, "view") }}
{%- endmacro %}

{# Of each period the newest published revision, with the period and its cut-off date. #}
{% macro history_view() -%}
    {%- set view = "marts_history." ~ this.identifier -%}
    drop view if exists {{ view }};
    create view {{ view }} as
    select releases.period, releases.as_of, shown.*
    from {{ this }} as shown
    inner join marts.releases on shown.release_id = releases.release_id
    where releases.is_newest_of_period;
    comment on view {{ view }} is {{ sql_text("Of each period the newest published revision. " ~ model.description) }};
    comment on column {{ view }}.period is 'The tertial that the row is of.';
    comment on column {{ view }}.as_of is 'Its cut-off date.';
    {%- for column in model.columns.values() %}
        comment on column {{ view }}.{{ column.name }} is {{ sql_text(column.description) }};
    {%- endfor %}
{%- endmacro %}
