{#
    An agency's nominations, which differ by the key of its persons and the form of its dates alone. No assessment rests on
    them: as the model's own text does not name their state, nobody is told that a rule waits for them.
#}
{% macro nominated(agency, person_key, date) -%}
with delivered as (
    select * from {{ optional_extract(agency, 'nominasjoner') }}
),

renamed as (
    select
        '{{ agency }}'::text as agency,
        nominasjon_id as nomination_id,
        {{ date('dato') }} as nominated_date,
        {{ date('gyldig_til') }} as valid_until,
        {{ person_key }} as source_record_id,
        {{ valid_orgnr('orgnr') }} as orgnr,
        observert as observed_code,
        kilde_gradering as source_grade,
        opplysning_gradering as information_grade
    from delivered
)

select * from renamed
{%- endmacro %}
