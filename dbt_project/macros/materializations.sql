{#
    dbt builds a table beside the old one and swaps them by name, so that readers see the old one until the end. Of what a run makes for
    itself clerks read a little, and wait while it is made; one run is under way at a time. Dropped and made anew in one transaction, in
    half of the statements. Here and below, what goes for every model stands in the materialization: a hook is rendered and sent by itself.
#}
{% materialization rebuilt, adapter="postgres" %}
    {%- set target_relation = this.incorporate(type="table") -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing_relation is not none and not existing_relation.is_table -%}
        {%- do adapter.drop_relation(existing_relation) -%}
    {%- elif existing_relation is not none -%}
        {#- The views on it go with it: dbt is to know. -#}
        {%- do adapter.cache_dropped(existing_relation) -%}
    {%- endif -%}
    {%- call statement("main") -%}
        select meta.plan_for_sets();
        drop table if exists {{ target_relation }} cascade;
        {{ get_create_table_as_sql(False, target_relation, sql) }}
    {%- endcall -%}
    {%- do create_indexes(target_relation) -%}
    {%- do run_query("analyze " ~ target_relation) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}

{# A view that only a run reads, dropped and made anew in one statement, where dbt's own is renamed about in six. #}
{% materialization rebuilt_view, adapter="postgres" %}
    {%- set target_relation = this.incorporate(type="view") -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement("main") -%}
        drop view if exists {{ target_relation }} cascade;
        create view {{ target_relation }} as {{ sql }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}

{# A table that was laid from the same file and types stays: reading a seed's rows costs more than most models. #}
{% materialization seed, adapter="postgres" %}
    {%- set laid = run_query("select obj_description(to_regclass('" ~ this ~ "'), 'pg_class')").rows[0][0] -%}
    {%- if laid == seed_origin() -%}
        {%- do store_result("agate_table", response="OK") -%}
        {%- call noop_statement("main", "unchanged", "SEED", 0) -%} {{ "select 1" }} {%- endcall -%}
        {{ return({"relations": [this.incorporate(type="table")]}) }}
    {%- endif -%}
    {#- One at a time: views read several, and two that drop the same ones, each in its own order, wait for each other. -#}
    {%- do run_query("select pg_advisory_xact_lock(hashtext('akrim.seeds'))") -%}
    {{ return(dbt.materialization_seed_default()) }}
{% endmaterialization %}

{# What its table's comment says: what it holds, and by what it is known whether it was laid from the same. #}
{% macro seed_origin() -%}
    {{ model.description }} Laid from {{ local_md5(model.checksum.checksum ~ tojson(model.config.column_types) ~ described(this.include(database=false))) }}
{%- endmacro %}

{#
    The rows of this run's release, in a table that holds every release's. Running a release again replaces its rows in one
    transaction; a column that its contract has anew is added. A model that is not as its contract says fails before anything is written; a
    contract that has changed a column that stands already is for a migration, as it was with dbt's own.
#}
{% materialization release_rows, adapter="postgres" %}
    {%- set target_relation = this.incorporate(type="table") -%}
    {%- set is_new = load_cached_relation(this) is none -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement("main") -%}
        select meta.plan_for_sets();
        {{ get_create_table_as_sql(False, target_relation, sql) if is_new else replace_release(target_relation, sql) }}
    {%- endcall -%}
    {%- if is_new -%}
        {%- do create_indexes(target_relation) -%}
    {%- endif -%}
    {#- Without fresh statistics the tests that follow would be planned as if the new release had no rows. -#}
    {%- do run_query(described(target_relation) ~ "analyze " ~ target_relation) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}

{#
    A view of every release's rows, for what other marts hold already. Dropped and made anew in one transaction, with the view of the
    newest release: a view cannot have a column put between its others.
#}
{% materialization release_view, adapter="postgres" %}
    {%- set target_relation = this.incorporate(type="view") -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement("main") -%}
        {{ get_assert_columns_equivalent(sql) }}
        drop view if exists {{ target_relation }} cascade;
        create view {{ target_relation }} as {{ sql }}
    {%- endcall -%}
    {%- do run_query(described(target_relation, "view")) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}

{% macro replace_release(relation, sql) -%}
    {{ get_assert_columns_equivalent(sql) }}
    {%- set known = run_query(columns_of(relation)).columns[0].values() -%}
    {%- for column in model.columns.values() if column.name not in known %}
        alter table {{ relation }} add column {{ column.name }} {{ column.data_type }};
    {%- endfor %}
    {#-
        Workers take part in making a table, and in no insert. In the order of the column that leads most keys, whose indexes then
        grow at their end.
    -#}
    create temporary table made on commit drop as {{ get_select_subquery(sql) }} order by 2;
    delete from {{ relation }} where release_id = {{ release_id() }};
    insert into {{ relation }} ({{ model.columns | join(", ") }}) select * from made
{%- endmacro %}

{# The names of a table's columns. From the catalogue itself: the standard's views of it cost thirty times as much, once a mart. #}
{% macro columns_of(relation) -%}
    select attname from pg_attribute where attrelid = '{{ relation }}'::regclass and attnum > 0 and not attisdropped
{%- endmacro %}

{# What a table or view holds and what each of its columns means, for whoever reads it with any tool. #}
{% macro described(relation, kind="table") -%}
    comment on {{ kind }} {{ relation }} is {{ sql_text(model.description) }};
    {%- for column in model.columns.values() %}
        comment on column {{ relation }}.{{ column.name }} is {{ sql_text(column.description) }};
    {%- endfor %}
{%- endmacro %}
