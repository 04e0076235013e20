{# No person with a protected record shows any part of an address. #}
{% test no_protected_address(model) %}
    select persons.person_id
    from {{ model }} as persons
    inner join {{ ref('protected_persons') }} as protected on persons.person_id = protected.person_id
    where persons.release_id = {{ release_id() }}
        and (
            not persons.has_protected_address
            or coalesce(
                persons.street_address, persons.postcode, persons.municipality_code, persons.municipality_name
            ) is not null
        )
{% endtest %}

{# What a person or an enterprise shows is no address of a protected person, however it is written. #}
{% test no_borne_protected_address(model) %}
    select digests.digest
    from {{ model }} as shown
    cross join lateral meta.borne_address_digests(shown.street_address, shown.postcode) as digests (digest)
    inner join {{ ref('protected_addresses') }} as protected on digests.digest = protected.address_digest
    where shown.release_id = {{ release_id() }}
{% endtest %}

{# No text of the mart holds a person number of any series. Ids are as their owners gave them. #}
{% test no_person_numbers(model) %}
    {%- set texts = [] -%}
    {%- set columns = graph.nodes["model.akrim." ~ model.identifier].columns if execute else {} -%}
    {%- for column in columns.values() -%}
        {%- if column.data_type in ("text", "text[]")
            and not modules.re.search("(^|_)(id|orgnr|number|reference)$", column.name) -%}
            {%- do texts.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    select shown.release_id
    from {{ model }} as shown
    where shown.release_id = {{ release_id() }}
        and (
            false
            {% for text in texts %}
                or shown.{{ text }}::text is distinct from meta.without_person_numbers(shown.{{ text }}::text)
            {% endfor %}
        )
{% endtest %}
