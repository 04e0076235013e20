{#
    CTEs that count an event once: of the points that several rules give for the same bankruptcies, cases or inspections, no
    more count than the published number for the first event and for each further one. The rules keep theirs in order of points,
    until that is used up. A rule that some centre is not told of is held against the others alone, so that no centre can
    tell from the points of one rule what another found.

    From `findings` and the CTE rules to `counted`, with points and strict_points as they count, points_alone, and
    events_counted: each event of the rule with its part of the points.
#}
{% macro each_event_once(findings) -%}
grouped as (
    select
        {{ findings }}.*,
        caps.event as event_kind,
        caps.first_points,
        caps.further_points,
        exists (
            select 1 from {{ ref('withheld_rules') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.indicator_code = {{ findings }}.indicator_code
        ) as is_apart
    from {{ findings }}
    inner join rules on {{ findings }}.indicator_code = rules.indicator_code
    left join {{ ref('event_caps') }} as caps on rules.event = caps.event
),

happened as (
    select
        grouped.person_id,
        grouped.event_kind,
        array_agg(distinct event_id) as events,
        array_agg(distinct event_id) filter (where event_id = any(grouped.strict_events)) as strict_events
    from grouped
    cross join unnest(grouped.events) as event_id
    where not grouped.is_apart and grouped.event_kind is not null
    group by grouped.person_id, grouped.event_kind
),

ranked as (
    select
        grouped.*,
        {{ points_for_events("happened.events", "grouped.events") }} as most_points,
        {{ points_for_events("happened.strict_events", "grouped.strict_events") }} as most_strict_points,
        coalesce(sum(points) filter (where not is_apart) over before, 0) as points_before,
        coalesce(sum(strict_points) filter (where not is_apart) over before, 0) as strict_points_before
    from grouped
    left join happened on grouped.person_id = happened.person_id and grouped.event_kind = happened.event_kind
    window before as (
        partition by grouped.person_id, grouped.event_kind order by is_apart, points desc, indicator_code
        rows between unbounded preceding and 1 preceding
    )
),

held as (
    select
        ranked.*,
        case
            when event_kind is null then points
            else greatest(0, least(points, most_points - points_before))
        end::integer as counted_points,
        case
            when event_kind is null then strict_points
            else greatest(0, least(strict_points, most_strict_points - strict_points_before))
        end::integer as counted_strict_points
    from ranked
),

parts as (
    select
        held.person_id,
        held.indicator_code,
        jsonb_agg(
            jsonb_build_object(
                'event', event_id,
                'points', held.counted_points / cardinality(held.events)
                + (place <= held.counted_points % cardinality(held.events))::int
            )
            order by place
        ) as events_counted
    from held
    cross join unnest(held.events) with ordinality as listed (event_id, place)
    group by held.person_id, held.indicator_code
),

counted as (
    select
        held.person_id,
        held.indicator_code,
        held.indicator_version,
        held.dimension,
        held.value,
        held.counted_points as points,
        held.counted_strict_points as strict_points,
        held.points as points_alone,
        coalesce(parts.events_counted, '[]'::jsonb) as events_counted,
        held.evidence,
        held.enterprise_count,
        held.first_date,
        held.last_date
    from held
    left join parts on held.person_id = parts.person_id and held.indicator_code = parts.indicator_code
)
{%- endmacro %}

{# The most points for so many events: those of the rules that are told everywhere, and the rule's own. #}
{% macro points_for_events(events, own_events) -%}
    first_points + further_points * greatest(
        0, cardinality(array(select unnest({{ events }}) union select unnest({{ own_events }}))) - 1
    )
{%- endmacro %}
