{# The last day of the default window: the end of the newest calendar year that is over on the cut-off date. #}
{% macro last_closed_year_end() -%} (date_trunc('year', {{ as_of() }} + 1) - interval '1 day')::date {%- endmacro %}

{# The default window begins here: six closed calendar years, as in the situation description of 2020. #}
{% macro six_closed_years_start() -%}
    (date_trunc('year', {{ as_of() }} + 1) - interval '6 years')::date
{%- endmacro %}

{#
    Whether an extract was not delivered, or came without the rows that it had: what it would tell is not known, which is not the
    same as none. One that never had any is taken as it is.
#}
{% macro came_without_its_rows(extracts) -%}
    (
        {{ extracts }}.unavailable_because = 'missing'
        or ({{ extracts }}.unavailable_because in ('empty', 'shrunken') and {{ extracts }}.rows_usual > 0)
    )
{%- endmacro %}

{# A relation by schema and name alone: a function's text must hold in a copy of the database too. #}
{% macro local_ref(name) -%} {{ ref(name).include(database=false) }} {%- endmacro %}

{#
    The situation table, M1 to M9, of a release and a window: the CTEs up to `situation`, with one row per scope, base
    and measure. The mart and the function marts.situation are both made from this text.
#}
{% macro situation(release_id, window_from, window_to) -%}
{%- set within = "between " ~ window_from ~ " and " ~ window_to -%}
scopes as (
    select
        scopes.scope,
        bases.base
    from (
        select 'national' as scope
        union all
        select centre_id from {{ local_ref('centres') }}
        where centre_id <> 'uten_senter'
    ) as scopes
    cross join (values ('all'), ('threat_actors')) as bases (base)
),

actors as (
    select
        scopes.scope,
        scopes.base,
        statuses.person_id
    from scopes
    inner join {{ local_ref('statuses') }} as statuses
        on scopes.scope = statuses.scope
            and case scopes.base when 'all' then statuses.is_actor else statuses.is_threat_actor end
    where statuses.release_id = {{ release_id }}
),

disputed as (
    select
        assessments.person_id,
        item ->> 'agency' as agency,
        item ->> 'extract' as extract,
        item ->> 'source_row_id' as source_row_id
    from {{ local_ref('assessments') }} as assessments
    cross join lateral jsonb_array_elements(assessments.disputes) as item
    where assessments.release_id = {{ release_id }}
),

inspected as (
    select distinct roles.person_id
    from {{ local_ref('inspections') }} as inspections
    inner join {{ local_ref('roles') }} as roles
        on inspections.release_id = roles.release_id
            and inspections.orgnr = roles.orgnr
            and roles.is_leading
            and {{ led_on('inspections.inspection_date', 'roles') }}
    where inspections.release_id = {{ release_id }} and inspections.inspection_date {{ within }}
        and not exists (
            select 1 from disputed
            where disputed.person_id = roles.person_id
                and (disputed.agency, disputed.extract, disputed.source_row_id) in (
                    ('arbeidstilsynet', 'tilsyn', inspections.inspection_id), ('brreg', 'enheter', inspections.orgnr)
                )
        )
),

involved as (
    select
        person_id,
        case_number,
        outcome_code
    from {{ local_ref('offence_cases') }}
    where release_id = {{ release_id }} and reported_date {{ within }}
),

reported as (
    select person_id from involved
    union
    select person_id from {{ local_ref('reports_of_persons') }}
    where release_id = {{ release_id }} and reported_date {{ within }}
),

bankrupted as (
    select distinct person_id
    from {{ local_ref('bankruptcy_involvements') }}
    where release_id = {{ release_id }} and bankruptcy_date {{ within }}
),

persons_counted as (
    select
        actors.scope,
        actors.base,
        count(*) as actors,
        count(inspected.person_id) as inspected,
        count(reported.person_id) as reported,
        count(bankrupted.person_id) as bankrupted
    from actors
    left join inspected on actors.person_id = inspected.person_id
    left join reported on actors.person_id = reported.person_id
    left join bankrupted on actors.person_id = bankrupted.person_id
    group by actors.scope, actors.base
),

cases_of_actors as (
    select distinct
        actors.scope,
        actors.base,
        involved.case_number,
        involved.outcome_code
    from actors
    inner join involved on actors.person_id = involved.person_id
),

cases_counted as (
    select
        cases.scope,
        cases.base,
        count(*) as cases,
        count(*) filter (where outcomes.is_conviction) as convictions,
        count(*) filter (where outcomes.is_dropped_for_evidence) as dropped_for_evidence
    from cases_of_actors as cases
    left join {{ local_ref('outcome_codes') }} as outcomes on cases.outcome_code = outcomes.outcome_code
    group by cases.scope, cases.base
),

statuses_counted as (
    select
        scope,
        count(*) filter (where is_actor) as actors,
        count(*) filter (where is_threat_actor) as threat_actors
    from {{ local_ref('statuses') }}
    where release_id = {{ release_id }}
    group by scope
),

-- What takes such an extract is not counted.
out_of_reach as (
    select distinct measures.measure
    from {{ local_ref('measures') }} as measures
    cross join lateral unnest(string_to_array(measures.extracts, ' ')) as needed (extract)
    left join {{ local_ref('delivery_ages') }} as ages
        on ages.release_id = {{ release_id }} and split_part(needed.extract, '/', 1) = ages.agency
    left join {{ local_ref('extract_ages') }} as delivered
        on delivered.release_id = {{ release_id }} and needed.extract = delivered.agency || '/' || delivered.extract
    where measures.table_name = 'situation'
        and (ages.is_missing or {{ came_without_its_rows('delivered') }})
),

situation as (
    select
        scopes.scope,
        scopes.base,
        measures.measure,
        case when out_of_reach.measure is null then coalesce(measures.numerator, 0) end::bigint as numerator,
        -- The actors are known all the same; the cases are not.
        case
            when measures.has_denominator and (measures.is_share or out_of_reach.measure is null)
                then coalesce(measures.denominator, 0)
        end::bigint as denominator,
        -- Whole per cent, half upwards, as the published tables have it; no share of nobody.
        case
            when out_of_reach.measure is not null then null
            when measures.is_share then round(100.0 * measures.numerator / nullif(measures.denominator, 0))
            else coalesce(measures.numerator, 0)
        end::bigint as value
    from scopes
    left join statuses_counted as statuses on scopes.scope = statuses.scope
    left join persons_counted as persons on scopes.scope = persons.scope and scopes.base = persons.base
    left join cases_counted as cases on scopes.scope = cases.scope and scopes.base = cases.base
    cross join lateral (
        values
        ('M1', statuses.actors, null, false, false),
        ('M2', statuses.threat_actors, statuses.actors, true, false),
        ('M3', statuses.actors - statuses.threat_actors, statuses.actors, true, false),
        ('M4', persons.inspected, persons.actors, true, true),
        ('M5', persons.reported, persons.actors, true, true),
        ('M6', cases.cases, null, false, false),
        ('M7', cases.convictions, cases.cases, true, false),
        ('M8', cases.dropped_for_evidence, cases.cases, true, false),
        ('M9', persons.bankrupted, persons.actors, true, true)
    ) as measures (measure, numerator, denominator, has_denominator, is_share)
    left join out_of_reach on measures.measure = out_of_reach.measure
)
{%- endmacro %}

{# The same for any release and window: what `akrim situation` and analysts call. #}
{% macro situation_function() -%}
drop function if exists marts.situation(text, date, date);
create function marts.situation(release_id text, window_from date, window_to date)
returns table (scope text, base text, measure text, numerator bigint, denominator bigint, value bigint)
language sql stable as $body$
with {{ situation('$1', '$2', '$3') }}

select scope, base, measure, numerator, denominator, value from situation
order by scope <> 'national', scope, base, measure
$body$;
comment on function marts.situation(text, date, date) is
'One row per scope, base and measure: the situation table M1 to M9 of a release for events from window_from to window_to.'
{%- endmacro %}
