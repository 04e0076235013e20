{#
    Tests of the kinds that many models have, as one query over what this run built: a node for each costs as much as building a model. The
    layers' runs leave those nodes out (`KINDS` in akrim.rules); `dbt test` alone still asks each by itself. The error names tests
    and how many rows they found, never the rows.
#}
{% macro check_together(results) -%}
    {%- set checks = [] -%}
    {%- for result in results if execute and result.status == "success" and result.node.resource_type in ("model", "seed") -%}
        {%- set built = relation_of(result.node) -%}
        {%- for test in tests_of(result.node, "no_person_numbers") -%}
            {%- do checks.append(counted("no_person_numbers", built, test_no_person_numbers(built))) -%}
        {%- endfor -%}
        {%- for test in tests_of(result.node, "unique_key") -%}
            {%- do checks.append(counted("unique_key", built, test_unique_key(built, test.columns, test.of_release, test.optional or []))) -%}
        {%- endfor -%}
        {%- for test in tests_of(result.node, "refers_to") -%}
            {%- do checks.append(counted("refers_to", built, test_refers_to(built, test.columns, named_in(test.to)))) -%}
        {%- endfor -%}
        {%- for test in tests_of(result.node, "not_null") -%}
            {%- do checks.append(counted("not_null", built, default__test_not_null(chosen(built, test.where), test.column_name))) -%}
        {%- endfor -%}
        {%- for test in tests_of(result.node, "unique") -%}
            {%- do checks.append(counted("unique", built, default__test_unique(chosen(built, test.where), test.column_name))) -%}
        {%- endfor -%}
        {%- for test in tests_of(result.node, "accepted_values") -%}
            {%- do checks.append(counted("accepted_values", built, default__test_accepted_values(chosen(built, test.where), test.column_name, test["values"]))) -%}
        {%- endfor -%}
        {%- for test in tests_of(result.node, "relationships") -%}
            {%- do checks.append(counted("relationships", built, default__test_relationships(chosen(built, test.where), test.column_name, named_in(test.to), test.field))) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if checks %}
        do $checks$
        declare
            failed text;
        begin
            select string_agg(format('%s of %s: %s rows', kind, built, failures), '; ' order by kind, built) into failed
            from (
                {{ checks | join(" union all ") }}
            ) as found
            where failures > 0;
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

{# Where the model or seed is that a test names as ref('...'). #}
{% macro named_in(text) -%}
    {%- set name = modules.re.search("'(\\w+)'", text)[1] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ("model", "seed") and node.name == name -%}
        {{ return(relation_of(node)) }}
    {%- endfor -%}
{%- endmacro %}

{% macro relation_of(node) -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
{%- endmacro %}
