{# The texts of these code lists by code, in the languages that marts are written in; centres' reports may be in others. #}
{% macro labels_of() -%}
    (
        select
            code,
            max(text) filter (where language = 'nb') as nb,
            max(text) filter (where language = 'en') as en
        from {{ ref('labels') }}
        where code_list in ('{{ varargs | join("', '") }}')
        group by code
    )
{%- endmacro %}

{# What agencies are called within a sentence, by code: `the police`, not `The police`. #}
{% macro agencies_within() -%}
    (
        select
            code,
            {% for language in ('nb', 'en') -%}
                coalesce(
                    max(text) filter (where language = '{{ language }}' and code_list = 'agency_within'),
                    max(text) filter (where language = '{{ language }}')
                ) as {{ language }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ ref('labels') }}
        where code_list in ('agency', 'agency_within')
        group by code
    )
{%- endmacro %}

{# What is wanting of an agency's data, with the words' places filled: {facts_date}, {rows}, {rows_usual}; {as_of} is a release's (akrim.changes). #}
{% macro extract_words(words, date_format, thousands) -%}
    coalesce(wanting.extract || ': ', '') || replace(replace(replace({{ words }},
        '{facts_date}', coalesce(to_char(wanting.as_of, '{{ date_format }}'), '–')),
        '{rows}', coalesce(replace(to_char(wanting.rows, 'FM999,999,999,990'), ',', '{{ thousands }}'), '–')),
        '{rows_usual}', coalesce(replace(to_char(wanting.rows_usual, 'FM999,999,999,990'), ',', '{{ thousands }}'), '–'))
{%- endmacro %}

{# A sentence with its places filled: {value}, {enterprises}, {first_date}, {last_date}, {agencies}. #}
{% macro sentence(template, agencies, date_format, thousands) -%}
    replace(replace(replace(replace(replace({{ template }},
        '{value}', coalesce(replace(to_char(value, 'FM999,999,999,990'), ',', '{{ thousands }}'), '')),
        '{enterprises}', coalesce(enterprise_count::text, '')),
        '{first_date}', coalesce(to_char(first_date, '{{ date_format }}'), '–')),
        '{last_date}', coalesce(to_char(last_date, '{{ date_format }}'), '–')),
        '{agencies}', coalesce({{ agencies }}, ''))
{%- endmacro %}
