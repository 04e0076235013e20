{# The share of points for what is found by a role that somebody holds for another: for him who lent his name, and for the one behind. #}
{% macro share_of_lent(points) -%}
    {{ points }} * (select tie.percent from {{ ref('control_ties') }} as tie where tie.tie = 'lent_name') / 100
{%- endmacro %}

{# Not on a day on which the one behind led beside him: a role that he took later leaves what was before as it was. #}
{% macro is_lent_on(date) -%}
    not (lent.has_own_role and coalesce(lent.led_himself @> {{ date }}, false))
{%- endmacro %}

{#
    CTEs from a rule's evidence to `borne`: whose each row is. What is found of somebody by a role that he holds for another is his and
    marked as lent, and once more that one's, where the rule tells it of the one `behind`. The role is one in `enterprise`, and
    `held_on` the day by which the rule asks who led it.
#}
{% macro borne_by_role(enterprise, behind, held_on) -%}
lent as (
    select
        front_person_id,
        person_id,
        orgnr,
        has_own_role,
        led_himself,
        bool_or(is_strict) as is_strict
    from {{ ref('straw_men') }}
    group by front_person_id, person_id, orgnr, has_own_role, led_himself
),

-- By itself and without repetition, since the planner's guess of a rule's evidence can be thousands of times too high.
own_days as materialized (
    select distinct
        person_id,
        {{ enterprise }} as orgnr,
        {{ held_on }} as held_on
    from evidence
),

-- Once, however many stood in for him there; and what he led himself on that day he bears himself.
behind as (
    select distinct on (
        lent.person_id, evidence.agency, evidence.extract, evidence.source_row_id, evidence.event_date, evidence.orgnr
    )
        lent.person_id as bearer_id,
        evidence.*,
        lent.is_strict and evidence.is_strict as is_sure
    from evidence
    inner join lent
        on evidence.person_id = lent.front_person_id
            and evidence.{{ enterprise }} = lent.orgnr
            and {{ is_lent_on(held_on) }}
    where {{ behind | lower }} and not exists (
        select 1 from own_days
        where own_days.person_id = lent.person_id
            and own_days.orgnr = lent.orgnr
            and own_days.held_on is not distinct from {{ held_on }}
    )
    order by
        lent.person_id, evidence.agency, evidence.extract, evidence.source_row_id, evidence.event_date, evidence.orgnr,
        lent.is_strict and evidence.is_strict desc, evidence.person_id
),

-- Of all for whom somebody stands in there: on which days each of them led it beside him.
lent_names as (
    select
        front_person_id,
        orgnr,
        bool_and(has_own_role) as has_own_role,
        range_intersect_agg(coalesce(led_himself, '{}')) as led_himself
    from lent
    group by front_person_id, orgnr
),

borne as (
    select
        evidence.person_id as bearer_id,
        evidence.*,
        evidence.is_strict as is_sure,
        lent.orgnr is not null and {{ is_lent_on(held_on) }} as is_lent,
        false as is_behind
    from evidence
    left join lent_names as lent
        on evidence.person_id = lent.front_person_id and evidence.{{ enterprise }} = lent.orgnr
    union all
    select
        behind.*,
        true,
        true
    from behind
)
{%- endmacro %}
