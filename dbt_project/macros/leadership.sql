{# Whether a leadership was held on a date; the end date itself does not count. #}
{% macro led_on(date, leaderships="leaderships") -%}
    ({{ leaderships }}.valid_from <= {{ date }} and coalesce({{ leaderships }}.valid_to > {{ date }}, true))
{%- endmacro %}

{# Whether it was held on a date or within so many days before it. #}
{% macro led_within(days, date, leaderships="leaderships") -%}
    (
        {{ leaderships }}.valid_from <= {{ date }}
        and coalesce({{ leaderships }}.valid_to >= {{ date }} - {{ days }}, true)
    )
{%- endmacro %}

{#
    The tax agency's matters that concern a person: her own, and those of enterprises that she led on the day or within the
    365 days before; of several roles in one enterprise, the surest and oldest. `matters` is a CTE with orgnr and source_record_id.
#}
{% macro own_and_of_led_enterprises(matters, id, extract, date) -%}
leaderships as (
    select * from {{ ref('leaderships') }}
),

own as (
    select
        links.person_id,
        {{ matters }}.*,
        null::text as role_id,
        links.is_strict
    from {{ matters }}
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and {{ matters }}.source_record_id = links.source_record_id
),

of_led_enterprises as (
    select distinct on (leaderships.person_id, {{ matters }}.{{ id }})
        leaderships.person_id,
        {{ matters }}.*,
        leaderships.role_id,
        leaderships.is_strict
    from {{ matters }}
    inner join leaderships on {{ matters }}.orgnr = leaderships.orgnr
    where {{ led_within(365, date) }}
    order by
        leaderships.person_id, {{ matters }}.{{ id }},
        not leaderships.is_strict, leaderships.valid_from, leaderships.role_id
),

concerning as (
    select * from own
    union all
    select * from of_led_enterprises
)

select * from concerning
where {{ undisputed("concerning", "'skatteetaten'", "'" ~ extract ~ "'", "concerning." ~ id) }}
{%- endmacro %}

{# The evidence row that shows by which role somebody led. #}
{% macro role_evidence(events) -%}
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        event_date,
        orgnr,
        is_strict
    from {{ events }}
{%- endmacro %}

{# Whether a successor carries a bankrupt enterprise's business on, whoever leads it. #}
{% macro carries_on(successors="successors") -%}
    ({{ successors }}.has_same_address or {{ successors }}.moved_count >= 2)
{%- endmacro %}
