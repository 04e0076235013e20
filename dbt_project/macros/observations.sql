{# The share of points that a rule leaves to whoever lent a name for somebody else's enterprise. #}
{% macro share_of_lent(points) -%}
    {{ points }} * (select tie.percent from {{ ref('control_ties') }} as tie where tie.tie = 'lent_name') / 100
{%- endmacro %}

{#
    The last CTEs of every indicator: from evidence rows (person_id, agency, extract, source_row_id, event_date, orgnr,
    is_strict) to one observation per person, without the rows that this person disputes. `value` is an aggregate over the evidence
    rows; over those alone that rest on strict links it gives the points that remain without the weaker ones. `event` names what
    happened, where several rules may tell of it. What a rule finds by a role alone (`by_role`) weighs less where the person
    stands in for somebody else in that `enterprise`. What happened longer ago than the rule's look_back is history and gives no
    points; an event is as old as the newest row that tells of it.
#}
{% macro observations(code, value, evidence="evidence", event="null", by_role=false, enterprise="orgnr") -%}
{%- set rule = rule(code) -%}
{%- set since = as_of() ~ " - make_interval(years => " ~ rule.look_back ~ ")" -%}
{%- set counted = ["all", "strict"] + (["own", "own_strict"] if by_role else []) -%}
undisputed_rows as (
    select
        {{ evidence }}.*,
        {{ event }}::text as event_id,
        {% if by_role -%}
            exists (
                select 1 from {{ ref('straw_men') }} as lent
                where lent.front_person_id = {{ evidence }}.person_id
                    and lent.orgnr = {{ evidence }}.{{ enterprise }}
                    and not lent.has_own_role
            )
        {%- else -%}
            false
        {%- endif %} as is_lent
    from {{ evidence }}
    where {{ undisputed(evidence, evidence ~ ".agency", evidence ~ ".extract", evidence ~ ".source_row_id") }}
),

{% if rule.look_back -%}
dated as (
    select
        undisputed_rows.*,
        max(event_date) over (
            partition by person_id, coalesce(event_id, agency || ' ' || extract || ' ' || source_row_id)
        ) as last_told_date
    from undisputed_rows
),

undisputed_evidence as (
    select * from dated
    where coalesce(last_told_date > {{ since }}, true)
),
{%- else -%}
undisputed_evidence as (
    select * from undisputed_rows
),
{%- endif %}

distinct_evidence as (
    select
        person_id,
        agency,
        extract,
        source_row_id,
        event_date,
        orgnr,
        is_lent,
        bool_or(is_strict) as is_strict
    from undisputed_evidence
    group by person_id, agency, extract, source_row_id, event_date, orgnr, is_lent
),

listed as (
    select
        person_id,
        min(event_date) as first_date,
        max(event_date) as last_date,
        count(distinct orgnr) as enterprise_count,
        jsonb_agg(
            jsonb_build_object(
                'agency', agency, 'extract', extract, 'source_row_id', source_row_id,
                'date', to_char(event_date, 'YYYY-MM-DD'), 'orgnr', orgnr
            )
            || case when is_strict then '{}'::jsonb else '{"weak_link": true}'::jsonb end
            || case when is_lent then '{"lent_name": true}'::jsonb else '{}'::jsonb end
            order by event_date, agency, extract, source_row_id
        ) as evidence
    from distinct_evidence
    group by person_id
),

events as (
    select
        person_id,
        array_agg(distinct event_id) filter (where event_id is not null) as events,
        array_agg(distinct event_id) filter (where event_id is not null and is_strict) as strict_events
    from undisputed_evidence
    group by person_id
),

measured as (
    select
        person_id,
        counted.rows_counted,
        ({{ value }})::numeric as value
    from undisputed_evidence
    cross join unnest(array['{{ counted | join("', '") }}']) as counted (rows_counted)
    where (is_strict or rows_counted in ('all', 'own'))
        and (not is_lent or rows_counted in ('all', 'strict'))
    group by person_id, counted.rows_counted
    having ({{ value }}) >= {{ rule.threshold }}
),

pointed as (
    select
        person_id,
        max(value) filter (where rows_counted = 'all') as value,
        {%- for name in counted %}
            coalesce(max({{ points_of(rule, "value") }}) filter (where rows_counted = '{{ name }}'), 0) as points_{{ name }}
            {{- "," if not loop.last }}
        {%- endfor %}
    from measured
    group by person_id
),

observed as (
    select
        pointed.person_id,
        '{{ code }}'::text as indicator_code,
        {{ rule.version }}::integer as indicator_version,
        '{{ rule.dimension }}'::text as dimension,
        pointed.value,
        {% if by_role -%}
            pointed.points_own + {{ share_of_lent("(pointed.points_all - pointed.points_own)") }} as points,
            pointed.points_own_strict
            + {{ share_of_lent("(pointed.points_strict - pointed.points_own_strict)") }} as strict_points,
        {%- else -%}
            pointed.points_all as points,
            pointed.points_strict as strict_points,
        {%- endif %}
        events.events,
        events.strict_events,
        listed.evidence,
        listed.enterprise_count,
        listed.first_date,
        listed.last_date
    from pointed
    inner join listed on pointed.person_id = listed.person_id
    inner join events on pointed.person_id = events.person_id
)

select * from observed
{%- endmacro %}
