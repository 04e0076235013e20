with fired as (
    {% for code in var('indicators') %}
        select * from {{ ref(code) }}
        {{ "union all" if not loop.last }}
    {% endfor %}
),

rules (indicator_code, indicator_version, dimension, area, agencies, extracts, event) as (
    values {{ rule_rows() }}
),

not_shared as (
    select
        withheld.indicator_code,
        string_agg(distinct coalesce(names.nb, data.agency), ', ') as agencies_nb,
        string_agg(distinct coalesce(names.en, data.agency), ', ') as agencies_en
    from {{ ref('withheld_rules') }} as withheld
    inner join {{ ref('data_origins') }} as origins on origins.subject = 'rule.' || withheld.indicator_code
    inner join {{ ref('withheld_data') }} as data
        on withheld.release_id = data.release_id
            and withheld.withheld_from = data.withheld_from
            and origins.agency = data.agency
            and origins.category = data.category
    left join {{ agencies_within() }} as names on data.agency = names.code
    where withheld.release_id = {{ release_id() }} and withheld.withheld_from = 'assessment'
    group by withheld.indicator_code
),

-- Why a rule cannot be checked for anybody.
unmet as (
    select
        coalesce(not_shared.indicator_code, out_of_reach.indicator_code) as indicator_code,
        case when not_shared.indicator_code is null then 'not_delivered' else 'not_shared' end as reason,
        coalesce(not_shared.agencies_nb, out_of_reach.agencies_nb) as agencies_nb,
        coalesce(not_shared.agencies_en, out_of_reach.agencies_en) as agencies_en
    from not_shared
    full join {{ ref('rules_out_of_reach') }} as out_of_reach
        on not_shared.indicator_code = out_of_reach.indicator_code
),

checkable as (
    select fired.*
    from fired
    left join unmet on fired.indicator_code = unmet.indicator_code
    left join {{ ref('disputed_rules') }} as disputed
        on fired.person_id = disputed.person_id
            and fired.indicator_code = disputed.indicator_code
            and disputed.is_beyond_reach
    where unmet.indicator_code is null and disputed.person_id is null
),

{{ each_event_once('checkable') }},

assessed as (
    select
        person_id,
        sum(points) as intention_points
    from counted
    where dimension = 'intention'
    group by person_id
    union all
    -- Whoever disputes is told what could not be checked, also where nothing else is left.
    select
        disputed.person_id,
        0
    from {{ ref('disputed_rules') }} as disputed
    left join counted on disputed.person_id = counted.person_id and counted.dimension = 'intention'
    where counted.person_id is null
    group by disputed.person_id
),

-- Capacity alone is no reason to look at anyone: below this it is not looked at.
looked_at as (
    select
        assessed.person_id,
        rules.*
    from assessed
    inner join rules
        on rules.dimension = 'intention' or assessed.intention_points >= {{ quantity('capacity_counts') }}
),

checked as (
    select
        {{ release_id() }} as release_id,
        looked_at.person_id,
        looked_at.indicator_code,
        looked_at.indicator_version::integer as indicator_version,
        looked_at.dimension,
        looked_at.area,
        counted.value,
        coalesce(counted.points, 0) as points,
        coalesce(counted.strict_points, 0) as strict_points,
        coalesce(counted.points_alone, 0) as points_alone,
        coalesce(counted.events_counted, '[]'::jsonb) as events,
        case
            when counted.person_id is not null then 'fired'
            when coalesce(unmet.indicator_code, disputed.indicator_code) is not null then 'unavailable'
            else 'clear'
        end as checked,
        coalesce(counted.evidence, '[]'::jsonb) as evidence,
        {{ sentence('sentences.nb', 'coalesce(unmet.agencies_nb, disputed.agencies_nb)', 'DD.MM.YYYY', ' ') }}
            as explanation_nb,
        {{ sentence('sentences.en', 'coalesce(unmet.agencies_en, disputed.agencies_en)', 'FMDD Mon YYYY', ',') }}
            as explanation_en
    from looked_at
    left join counted
        on looked_at.person_id = counted.person_id and looked_at.indicator_code = counted.indicator_code
    left join unmet on looked_at.indicator_code = unmet.indicator_code
    left join {{ ref('disputed_rules') }} as disputed
        on looked_at.person_id = disputed.person_id and looked_at.indicator_code = disputed.indicator_code
    left join {{ labels_of('rule_explanation', 'unmet') }} as sentences
        on sentences.code = case
                when counted.person_id is not null then looked_at.indicator_code
                when unmet.indicator_code is not null then unmet.reason
                when disputed.indicator_code is not null then 'disputed'
                else 'nothing_found'
            end
)

select * from checked
