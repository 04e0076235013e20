{#
    The last CTEs of every indicator: from evidence rows (person_id, agency, extract, source_row_id, event_date, orgnr,
    is_strict) to one observation per person, without the rows that this person disputes. `value` is an aggregate over the evidence
    rows; over those alone that rest on strict links it gives the points that remain without the weaker ones. `event` names what
    happened, where several rules may tell of it. What a rule finds by a role alone (`by_role`) counts half for whoever stands in for
    somebody else in that `enterprise` on the day `held_on`, and half for the one `behind`, unless another rule tells it of him.
    What happened longer ago than the rule's look_back is history and gives no points; an event is as old as the newest row that
    tells of it, and a row of no event, such as the role by which somebody led that day, as it says itself. Evidence of what is led
    `through` a chain of enterprises has that chain in through_orgnrs.
#}
{% macro observations(code, value, event="null", by_role=false, enterprise="orgnr", held_on="evidence.event_date", behind=true, through=false) -%}
{%- set chain = "through_orgnrs" if through else "null::text" -%}
{%- set rule = rule(code) -%}
{%- set since = as_of() ~ " - make_interval(years => " ~ rule.look_back ~ ")" -%}
{%- set counted = ["all", "strict"] + (["own", "own_strict"] if by_role else []) -%}
{% if by_role -%}
{{ borne_by_role(enterprise, behind, held_on) }},
{%- else -%}
borne as (
    select
        person_id as bearer_id,
        evidence.*,
        is_strict as is_sure,
        false as is_lent,
        false as is_behind
    from evidence
),
{%- endif %}

undisputed_rows as (
    select
        borne.*,
        {{ event }}::text as event_id
    from borne
    where {{ undisputed("borne", "borne.agency", "borne.extract", "borne.source_row_id", "bearer_id") }}
),

{% if rule.look_back -%}
dated as (
    select
        undisputed_rows.*,
        case
            when event_id is null then event_date else max(event_date) over (partition by bearer_id, event_id)
        end as last_told_date
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
        bearer_id,
        agency,
        extract,
        source_row_id,
        event_date,
        orgnr,
        is_lent,
        is_behind,
        min({{ chain }}) as through_orgnrs,
        bool_or(is_sure) as is_strict
    from undisputed_evidence
    group by bearer_id, agency, extract, source_row_id, event_date, orgnr, is_lent, is_behind
),

listed as (
    select
        bearer_id,
        min(event_date) as first_date,
        -- Arrears are a state on the cut-off date: where something happened, the day is that of what happened.
        coalesce(max(event_date) filter (where extract <> 'restanser'), max(event_date)) as last_date,
        count(distinct orgnr) as enterprise_count,
        jsonb_agg(
            jsonb_build_object(
                'agency', agency, 'extract', extract, 'source_row_id', source_row_id,
                'date', to_char(event_date, 'YYYY-MM-DD'), 'orgnr', orgnr
            )
            || case when is_strict then '{}'::jsonb else '{"weak_link": true}'::jsonb end
            || case
                when through_orgnrs is null then '{}'::jsonb
                else jsonb_build_object('through', string_to_array(through_orgnrs, ' '))
            end
            || case when is_behind then '{"through_another": true}'::jsonb when is_lent then '{"lent_name": true}'::jsonb else '{}'::jsonb end
            order by event_date, agency, extract, source_row_id, orgnr, is_lent, is_behind
        ) as evidence
    from distinct_evidence
    group by bearer_id
),

events as (
    select
        bearer_id,
        array_agg(distinct event_id) filter (where event_id is not null) as events,
        array_agg(distinct event_id) filter (where event_id is not null and is_sure) as strict_events
    from undisputed_evidence
    group by bearer_id
),

measured as (
    select
        bearer_id,
        counted.rows_counted,
        ({{ value }})::numeric as value
    from undisputed_evidence
    cross join unnest(array['{{ counted | join("', '") }}']) as counted (rows_counted)
    where (is_sure or rows_counted in ('all', 'own'))
        and (not is_lent or rows_counted in ('all', 'strict'))
    group by bearer_id, counted.rows_counted
    having ({{ value }}) >= {{ rule.threshold }}
),

pointed as (
    select
        bearer_id,
        max(value) filter (where rows_counted = 'all') as value,
        {%- for name in counted %}
            coalesce(max({{ points_of(rule, "value") }}) filter (where rows_counted = '{{ name }}'), 0) as points_{{ name }}
            {{- "," if not loop.last }}
        {%- endfor %}
    from measured
    group by bearer_id
),

observed as (
    select
        pointed.bearer_id as person_id,
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
    inner join listed on pointed.bearer_id = listed.bearer_id
    inner join events on pointed.bearer_id = events.bearer_id
)

select * from observed
{%- endmacro %}
