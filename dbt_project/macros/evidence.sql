{# The evidence rows that show by which roles somebody led. #}
{% macro role_evidence(events, role_id="role_id", date="event_date", more="") -%}
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        {{ role_id }} as source_row_id,
        {{ date }} as event_date,
        orgnr,
        {{ more }}
        is_strict
    from {{ events }}
{%- endmacro %}

{#
    What went bankrupt, as one event: enterprises of one group that fell together are the first of them. For `event` of
    `observations`, by whose role it was found.
#}
{% macro collapse_of(orgnr) -%}
    coalesce(
            (
                select collapses.collapse_orgnr from {{ ref('collapses') }} as collapses
                where collapses.person_id = borne.person_id and collapses.orgnr = borne.{{ orgnr }}
            ),
            borne.{{ orgnr }}
        )
{%- endmacro %}

{# The evidence rows that show bankruptcies: the roles by which somebody led, and the enterprises. #}
{% macro bankruptcy_evidence(bankruptcies=none, more="") -%}
    {%- set bankruptcies = bankruptcies or ref('bankruptcies_led') -%}
    {{ role_evidence(bankruptcies, date="bankruptcy_date", more=more) }}
    union all
    select
        person_id,
        'brreg',
        'enheter',
        orgnr,
        bankruptcy_date,
        orgnr,
        {{ more }}
        is_strict
    from {{ bankruptcies }}
{%- endmacro %}

{# Benefit cases for one cause in which the employer is an enterprise that a person led; `held` says when. #}
{% macro benefit_cases_at_led(cause_code, held) -%}
    select
        leaderships.person_id,
        leaderships.role_id,
        leaderships.orgnr,
        leaderships.is_strict,
        cases.benefit_case_id,
        cases.source_record_id,
        cases.benefit_from as event_date
    from {{ ref('stg_nav__benefit_cases') }} as cases
    inner join {{ ref('leaderships') }} as leaderships on cases.employer_orgnr = leaderships.orgnr
    where cases.cause_code = '{{ cause_code }}' and cases.benefit_from <= {{ as_of() }} and {{ held }}
{%- endmacro %}

{# The last day of a case's benefit; one without lasts. #}
{% macro benefit_ends() -%} coalesce(cases.benefit_to, 'infinity'::date) {%- endmacro %}

{# The evidence rows that show benefit cases: the case, and the role by which somebody led. #}
{% macro benefit_evidence(cases, orgnr="orgnr") -%}
    select
        person_id,
        'nav' as agency,
        'saker' as extract,
        benefit_case_id as source_row_id,
        event_date,
        {{ orgnr }} as orgnr,
        is_strict
    from {{ cases }}
    union all
    {{ role_evidence(cases) }}
{%- endmacro %}

{# The evidence rows that show what somebody controls: one an enterprise, with how surely it is his and through which others. #}
{% macro control_evidence() -%}
    {{ role_evidence(ref('enterprises_controlled'), date='since_date', more='industry_group, municipality_code, strength, through_orgnrs,') }}
{%- endmacro %}

{#
    Whether an enterprise's industry has been named as exposed. A code that the two editions of the standard use for different
    things is told apart by the name that the register gives it.
#}
{% macro is_exposed(enterprises) -%}
    exists (
        select 1 from {{ ref('exposed_industries') }} as exposed
        where starts_with({{ enterprises }}.industry_code, exposed.code_prefix)
            and coalesce({{ enterprises }}.industry_name, '') like exposed.industry_name
    )
{%- endmacro %}

{# Every employment of whoever it is, under whichever tax record. #}
{% macro employments_of_persons() -%}
    select
        workers.person_id,
        employments.orgnr,
        employments.valid_from,
        employments.valid_to
    from {{ ref('employments') }} as employments
    inner join {{ ref('person_links') }} as workers
        on workers.source = 'skatteetaten' and employments.source_record_id = workers.source_record_id
{%- endmacro %}

{# How many are employed in each enterprise as of the period; one under two tax records is one. #}
{% macro employees_of_enterprises() -%}
    select
        employments.orgnr,
        count(distinct links.person_id) as employee_count
    from {{ ref('employments') }} as employments
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and employments.source_record_id = links.source_record_id
    where employments.valid_from <= {{ as_of() }} and coalesce(employments.valid_to >= {{ as_of() }}, true)
    group by employments.orgnr
{%- endmacro %}
