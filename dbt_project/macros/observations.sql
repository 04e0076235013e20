{# The share of points for what is found by a role that somebody holds for another: for him who lent his name, and for the one behind. #}
{% macro share_of_lent(points) -%}
    {{ points }} * (select tie.percent from {{ ref('control_ties') }} as tie where tie.tie = 'lent_name') / 100
{%- endmacro %}

{# Not on a day on which the one behind led beside him: a role that he took later leaves what was before as it was. #}
{% macro is_lent_on(date) -%}
    not (lent.has_own_role and coalesce(lent.led_himself @> {{ date }}, false))
{%- endmacro %}

{#
    The last CTEs of every indicator: from evidence rows (person_id, agency, extract, source_row_id, event_date, orgnr,
    is_strict) to one observation per person, without the rows that this person disputes. `value` is an aggregate over the evidence
    rows; over those alone that rest on strict links it gives the points that remain without the weaker ones. `event` names what
    happened, where several rules may tell of it. What a rule finds by a role alone (`by_role`) counts half for whoever stands in for
    somebody else in that `enterprise`, and half for the one `behind`, unless another rule tells it of him. What happened longer ago than the rule's look_back is history and gives no
    points; an event is as old as the newest row that tells of it. Evidence of what is led `through` a chain of enterprises has that
    chain in through_orgnrs.
#}
{% macro observations(code, value, event="null", by_role=false, enterprise="orgnr", behind=true, through=false) -%}
{%- set chain = "through_orgnrs" if through else "null::text" -%}
{%- set rule = rule(code) -%}
{%- set since = as_of() ~ " - make_interval(years => " ~ rule.look_back ~ ")" -%}
{%- set counted = ["all", "strict"] + (["own", "own_strict"] if by_role else []) -%}
{% if by_role -%}
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
        event_date
    from evidence
),

-- Once, however many stood in for him there; and what he led himself on that day he bears himself.
behind as (
    select distinct on (
        lent.person_id, evidence.agency, evidence.extract, evidence.source_row_id, evidence.event_date
    )
        lent.person_id as bearer_id,
        evidence.*,
        lent.is_strict and evidence.is_strict as is_sure
    from evidence
    inner join lent
        on evidence.person_id = lent.front_person_id
            and evidence.{{ enterprise }} = lent.orgnr
            and {{ is_lent_on("evidence.event_date") }}
    where {{ behind | lower }} and not exists (
        select 1 from own_days
        where own_days.person_id = lent.person_id
            and own_days.orgnr = lent.orgnr
            and own_days.event_date is not distinct from evidence.event_date
    )
    order by
        lent.person_id, evidence.agency, evidence.extract, evidence.source_row_id, evidence.event_date,
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
        lent.orgnr is not null and {{ is_lent_on("evidence.event_date") }} as is_lent,
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
),
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
        max(event_date) over (
            partition by bearer_id, coalesce(event_id, agency || ' ' || extract || ' ' || source_row_id)
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
            order by event_date, agency, extract, source_row_id
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
