{#
    Every test of what this run built, as one query: a node for each costs as much as building a model. The layers' runs leave test nodes
    out (`BUILD` in akrim.rules); `dbt test` alone still asks each by itself. The error names tests and how many rows they found, never
    the rows.
#}
{% macro check_together(results) -%}
    {#- What tests name beside what they are of: dbt wants to know when it parses. -#}
    {%- for name in ("definitions", "enterprises", "group_observations", "indicator_observations", "measures", "persons", "protected_addresses",
        "protected_persons", "withheld_rules") -%}
        {%- do ref(name) -%}
    {%- endfor -%}
    {%- set checks = [] -%}
    {%- set tests = tests_by_node() if execute else {} -%}
    {%- for result in results if execute and result.status == "success" and result.node.resource_type in ("model", "seed") -%}
        {%- set built = relation_of(result.node) -%}
        {%- for test in tests.get(result.node.unique_id, []) -%}
            {%- do checks.append(counted(test.name, built, asked_of(built, test))) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if checks %}
        do $checks$
        declare
            failed text;
        begin
            perform meta.plan_for_sets();
            -- As text: in a query whose first row alone is asked for, the server's workers take no part.
            execute $asked$
                select string_agg(format('%s of %s: %s rows', kind, built, failures), '; ' order by kind, built)
                from (
                    {{ checks | join(" union all ") }}
                ) as found
                where failures > 0
            $asked$ into failed;
            if failed is not null then
                raise exception '%', failed;
            end if;
        end
        $checks$
    {%- endif %}
{%- endmacro %}

{% macro counted(kind, built, found) -%}
    select '{{ kind }}' as kind, '{{ built.schema }}.{{ built.identifier }}' as built, count(*) as failures from ({{ found }}) as found
{%- endmacro %}

{# The test's query, as dbt would ask it. #}
{% macro asked_of(built, test) -%}
    {%- set given = {} -%}
    {%- for name, value in test.given.items() if name != "model" -%}
        {%- do given.update({name: named_in(value) if name == "to" else value}) -%}
    {%- endfor -%}
    {{ return(context["test_" ~ test.name](chosen(built, test.where), **given)) }}
{%- endmacro %}

{# What each model's and seed's tests are named and given, by the node's id. Read at once: there are as many nodes as tests and models. #}
{% macro tests_by_node() -%}
    {%- set found = {} -%}
    {%- for test in graph.nodes.values() if test.resource_type == "test" -%}
        {%- set told = {"name": test.test_metadata.name, "given": test.test_metadata.kwargs, "where": test.config.where} -%}
        {%- do found.setdefault(test.attached_node, []).append(told) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Where the model or seed is that a test names as ref('...'). #}
{% macro named_in(text) -%}
    {%- set name = modules.re.search("'(\\w+)'", text)[1] -%}
    {{ return(relation_of(graph.nodes["model.akrim." ~ name] or graph.nodes["seed.akrim." ~ name])) }}
{%- endmacro %}

{% macro relation_of(node) -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
{%- endmacro %}
