with named as (
    select
        {{ release_id() }} as release_id,
        measures.measure,
        measures.table_name,
        names.nb as name_nb,
        names.en as name_en,
        definitions.nb as numerator_nb,
        definitions.en as numerator_en,
        wholes.nb as denominator_nb,
        wholes.en as denominator_en,
        measures.unit,
        measures.version as definition_version,
        measures.valid_from
    from {{ ref('measures') }} as measures
    left join {{ labels_of('measure') }} as names on measures.measure = names.code
    left join {{ labels_of('measure_definition') }} as definitions on measures.measure = definitions.code
    left join {{ labels_of('whole_definition') }} as wholes on measures.whole = wholes.code
)

select * from named
