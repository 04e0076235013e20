{{ config(post_hook="{{ situation_function() }}") }}

with {{ situation(release_id(), six_closed_years_start(), last_closed_year_end()) }},

defined as (
    select
        {{ release_id() }} as release_id,
        situation.scope,
        situation.measure,
        situation.base,
        {{ six_closed_years_start() }} as window_from,
        {{ last_closed_year_end() }} as window_to,
        situation.numerator,
        situation.denominator,
        situation.value,
        measures.unit,
        measures.version as definition_version
    from situation
    inner join {{ ref('measures') }} as measures on situation.measure = measures.measure
)

select * from defined
