with rules (
    indicator_code, indicator_version, dimension, area, event, agencies, extracts, threshold, points, step_size,
    step_points, cap, look_back_years, valid_from
) as (
    values {{ rules_in_full() }}
),

named as (
    select
        {{ release_id() }} as release_id,
        rules.indicator_code,
        rules.indicator_version,
        names.nb as name_nb,
        names.en as name_en,
        definitions.nb as definition_nb,
        definitions.en as definition_en,
        rules.dimension,
        rules.area,
        rules.event,
        rules.agencies,
        rules.extracts,
        rules.threshold::numeric as threshold,
        rules.points,
        rules.step_size::numeric as step_size,
        rules.step_points,
        rules.cap,
        rules.look_back_years,
        rules.valid_from
    from rules
    left join {{ labels_of('rule') }} as names on rules.indicator_code = names.code
    left join {{ labels_of('rule_definition') }} as definitions on rules.indicator_code = definitions.code
)

select * from named
