{#
    Text as staging keeps it: composed Unicode, no person number, no white space at the ends, never the empty string. What has
    a byte for each letter is composed already; what is longer than any name or address stays as it is, since composing takes
    time by the square of the marks on one letter.
#}
{% macro clean_text(column) -%}
    {{ trimmed("case when octet_length(" ~ column ~ ") = length(" ~ column ~ ") or length(" ~ column ~ ") > 1000 then " ~ open_code(column)
        ~ " else normalize(" ~ open_code(column) ~ ", nfc) end") }}
{%- endmacro %}

{% macro trimmed_text(column) -%}
    {{ trimmed("case when length(" ~ column ~ ") > 1000 then " ~ column ~ " else normalize(" ~ column ~ ", nfc) end") }}
{%- endmacro %}

{% macro trimmed(text) -%} nullif(btrim({{ text }}, E' \t\r\n\u00a0'), '') {%- endmacro %}

{# A code without a closed list, or a postcode: as delivered, but for a person number in it. #}
{% macro open_code(column) -%} meta.without_person_numbers({{ column }}) {%- endmacro %}

{# A street and number without the abbreviations, capitals, spaces and dots that clerks differ in. #}
{% macro address_key(column) -%} meta.home_key({{ column }}) {%- endmacro %}

{% macro iso_date(column) -%} meta.to_date({{ column }}, 'YYYY-MM-DD') {%- endmacro %}

{% macro norwegian_date(column) -%} meta.to_date({{ column }}, 'DD.MM.YYYY') {%- endmacro %}

{# Parquet's whole floats arrive as '3.0'. #}
{% macro whole_number(column) -%} {{ column }}::numeric::bigint {%- endmacro %}

{% macro yes_no(column) -%} ({{ column }} in ('J', 'true')) {%- endmacro %}

{# An optional organisation number that fails its control digit is none. #}
{% macro valid_orgnr(column) -%} case when meta.is_orgnr({{ column }}) then {{ column }} end {%- endmacro %}

{# The builtin collation knows Norwegian letters whatever the server's locale is. #}
{% macro title_case(expression) -%} initcap({{ expression }} collate "pg_c_utf8") collate "default" {%- endmacro %}

{# What a team decides, of a person or of a group. #}
{% macro as_decided() -%}
status,
        prioritering as priority_code,
        begrunnelse as reason_code,
        ansvarlig_etat as responsible_agency,
        {{ clean_text('tiltak') }} as measures,
        kapasitet_endring as capacity_change,
        intensjon_endring as intention_change,
        {{ iso_date('besluttet_dato') }} as decided_date,
        {{ iso_date('neste_vurdering') }} as next_review_date
{%- endmacro %}
