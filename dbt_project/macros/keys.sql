{#
    The keys of the marts, as constraints that any tool draws, and indexes to find rows by: of each mart that this run built. What is unique
    and what refers to what is read from its tests (unique_key, refers_to), so that it is said once: the primary key, or a unique one where a
    column of it may be empty. Each orgnr refers to enterprises though some are unknown to the register, and each person_id to persons
    though whom a centre has decided on may be described no more. References are not enforced
    (PostgreSQL 18; before, they are left out): a release's rows are replaced, and erased, mart by mart. A mart stays as it was where the
    rows of older releases are not unique.
#}
{% macro lay_keys(results) -%}
    {%- set built = [] -%}
    {%- for result in results if result.status == "success" and result.node.schema == "marts" and result.node.config.materialized == "release_rows" -%}
        {%- do built.append(result.node) -%}
    {%- endfor -%}
    {%- set tests = tests_by_node() if execute and built else {} -%}
    {%- if execute and built %}
        do $$
        begin
            {%- for node in built %}
                {%- set grain = given_to(tests[node.unique_id], "unique_key")[0] %}
                {%- set key = grain.columns %}
                perform meta.lay_key('{{ node.name }}', array['{{ key | join("', '") }}'], {{ not grain.optional }});
                {%- for column in ("person_id", "orgnr", "centre_id", "member_id") if column in node.columns and key[1] != column %}
                    create index if not exists {{ node.name }}_by_{{ column }} on marts.{{ node.name }} (release_id, {{ column }});
                {%- endfor %}
                {%- for column in ("full_name", "enterprise_name") if node.name in ("persons", "enterprises") and column in node.columns %}
                    create index if not exists {{ node.name }}_by_name on marts.{{ node.name }} using gin (marts.name_words(release_id, {{ column }}));
                {%- endfor %}
                {%- if node.name == "indicator_observations" %}
                    {#- Of most persons most rules find nothing. -#}
                    create index if not exists {{ node.name }}_counting on marts.{{ node.name }} (release_id, person_id) where greatest(points, points_alone) > 0;
                {%- endif %}
            {%- endfor %}
            {#- Of changes, which no model makes: as soon as there is somebody to refer to. -#}
            {%- if "persons" in built | map(attribute="name") %}
                perform meta.lay_key('release_changes', array['release_id', 'comparison', 'centre_id', 'change_number', 'cause_number'], true);
                create index if not exists release_changes_by_person_id on marts.release_changes (release_id, person_id);
                perform meta.lay_reference('release_changes', array['person_id'], 'persons');
            {%- endif %}
            {%- for node in built %}
                {%- for reference in references_of(node, tests[node.unique_id]) %}
                    perform meta.lay_reference(
                        '{{ node.name }}', array['{{ reference.columns | join("', '") }}'], '{{ reference.to }}', array['{{ reference.named | join("', '") }}']
                    );
                {%- endfor %}
            {%- endfor %}
        end
        $$
    {%- endif %}
{%- endmacro %}

{# What these tests of a node are given, of one name. #}
{% macro given_to(tests, name) -%}
    {{ return(tests | selectattr("name", "equalto", name) | map(attribute="given") | list) }}
{%- endmacro %}

{% macro references_of(node, tests) -%}
    {%- set found = [] -%}
    {%- for test in given_to(tests, "refers_to") -%}
        {%- do found.append({"columns": test.columns, "to": modules.re.search("'(\\w+)'", test.to)[1], "named": test.named or test.columns}) -%}
    {%- endfor -%}
    {%- set tested = found | map(attribute="columns") | list -%}
    {%- for column in node.columns if column.endswith("orgnr") and node.name != "enterprises" and [column] not in tested -%}
        {%- do found.append({"columns": [column], "to": "enterprises", "named": ["orgnr"]}) -%}
    {%- endfor -%}
    {%- if "person_id" in node.columns and node.name != "persons" and ["person_id"] not in tested -%}
        {%- do found.append({"columns": ["person_id"], "to": "persons", "named": ["person_id"]}) -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
