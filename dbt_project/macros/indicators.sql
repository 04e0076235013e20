{#
    An indicator's YAML block: the only place where its numbers stand; its area is its folder. dbt gives a unit test no
    graph to look it up in, so the tests hand the same blocks over as the var `rules`.
#}
{% macro rule(code) -%}
    {%- if not execute -%}
        {%- set numbers = {"version": 1, "threshold": 1, "points": 1, "step_size": 1, "step_points": 1, "cap": 1} -%}
        {{ return(dict(numbers, agencies=[], extracts=[])) }}
    {%- endif -%}
    {%- if var("rules", none) -%}
        {{ return(var("rules")[code]) }}
    {%- endif -%}
    {%- set node = graph.nodes["model.akrim." ~ code] -%}
    {{ return(dict(node.config.meta, area=node.fqn[-2])) }}
{%- endmacro %}

{% macro sql_text(text) -%} '{{ (text or "") | replace("'", "''") }}' {%- endmacro %}

{# points = points at the threshold + step_points for each further step_size, up to the cap. #}
{% macro points_of(rule, value) -%}
    least(
        {{ rule.cap }},
        {{ rule.points }} + {{ rule.step_points }} * floor(({{ value }} - {{ rule.threshold }}) / {{ rule.step_size }})
    )::integer
{%- endmacro %}

{#
    The last CTEs of every indicator: from evidence rows (person_id, agency, extract, source_row_id, event_date, orgnr,
    is_strict) to one observation per person, without the rows that this person disputes. `value` is an aggregate over the evidence rows; over those alone that
    rest on strict links it gives the points that remain without the weaker ones.
#}
{% macro observations(code, value, evidence="evidence") -%}
{%- set rule = rule(code) -%}
undisputed_evidence as (
    select * from {{ evidence }}
    where {{ undisputed(evidence, evidence ~ ".agency", evidence ~ ".extract", evidence ~ ".source_row_id") }}
),

distinct_evidence as (
    select person_id, agency, extract, source_row_id, event_date, orgnr, bool_or(is_strict) as is_strict
    from undisputed_evidence
    group by person_id, agency, extract, source_row_id, event_date, orgnr
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
            order by event_date, agency, extract, source_row_id
        ) as evidence
    from distinct_evidence
    group by person_id
),

measured as (
    select
        person_id,
        ({{ value }})::numeric as value
    from undisputed_evidence
    group by person_id
    having ({{ value }}) >= {{ rule.threshold }}
),

measured_strictly as (
    select
        person_id,
        ({{ value }})::numeric as strict_value
    from undisputed_evidence
    where is_strict
    group by person_id
    having ({{ value }}) >= {{ rule.threshold }}
),

observed as (
    select
        measured.person_id,
        '{{ code }}'::text as indicator_code,
        {{ rule.version }}::integer as indicator_version,
        '{{ rule.dimension }}'::text as dimension,
        measured.value,
        {{ points_of(rule, "measured.value") }} as points,
        case
            when measured_strictly.person_id is null then 0
            else {{ points_of(rule, "measured_strictly.strict_value") }}
        end as strict_points,
        listed.evidence,
        listed.enterprise_count,
        listed.first_date,
        listed.last_date
    from measured
    inner join listed on measured.person_id = listed.person_id
    left join measured_strictly on measured.person_id = measured_strictly.person_id
)

select * from observed
{%- endmacro %}

{# Whether a police case of a person is about work, may count and made him a suspect charged or convicted by the cut-off date. #}
{% macro is_charged() -%}
    (
        may_add_points
        and is_work_related
        and involvement_code in ('siktet', 'domfelt')
        and reported_date <= {{ as_of() }}
    )
{%- endmacro %}

{# Every rule as a row: what is checked for whom, and which agencies' data that takes. #}
{% macro rule_rows() -%}
    {%- for code in var("indicators") %}
    {%- set rule = rule(code) %}
    (
        '{{ code }}', {{ rule.version }}, '{{ rule.dimension }}', '{{ rule.area }}', array['{{ rule.agencies | join("', '") }}'],
        array['{{ rule.extracts | join("', '") }}']
    ){{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
