{#
    The last CTEs of a mart of an agency's own rows, from the CTE `rows` with source_record_id to `named`: with the person whom each is of,
    empty where the release describes nobody by it, or where that person disputes it.
#}
{% macro with_persons(rows, agency, extract, row_id) -%}
linked as (
    select
        {{ rows }}.*,
        links.person_id as linked_person_id
    from {{ rows }}
    left join {{ ref('person_links') }} as links
        on links.source = '{{ agency }}' and {{ rows }}.source_record_id = links.source_record_id
),

named as (
    select
        linked.*,
        persons.person_id
    from linked
    left join {{ ref('persons_described') }} as persons
        on linked.linked_person_id = persons.person_id
            and {{ undisputed('linked', "'" ~ agency ~ "'", "'" ~ extract ~ "'", 'linked.' ~ row_id, 'linked_person_id') }}
)
{%- endmacro %}
