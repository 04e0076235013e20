{# Whether a leadership was held on a date; the end date itself does not count. #}
{% macro led_on(date, leaderships="leaderships") -%}
    ({{ leaderships }}.valid_from <= {{ date }} and coalesce({{ leaderships }}.valid_to > {{ date }}, true))
{%- endmacro %}

{#
    Whether it was held on a date or shortly before it, as the definition led_before has it: what somebody left is answered for a
    while longer. For bankruptcies the definition bankruptcy_involvement says how long.
#}
{% macro led_shortly_before(date) -%}
    (
        leaderships.valid_from <= {{ date }}
        and coalesce(leaderships.valid_to >= {{ date }} - {{ quantity('led_before') }}, true)
    )
{%- endmacro %}

{# Whether it is held on the cut-off date, in an enterprise that has not gone bankrupt. #}
{% macro leads_operating() -%}
    (leaderships.is_active and {{ is_not_bankrupt('leaderships') }})
{%- endmacro %}

{# Whether an enterprise had not gone bankrupt on the cut-off date; one that is bankrupt since nobody says when, had. #}
{% macro is_not_bankrupt(enterprises) -%}
    coalesce({{ enterprises }}.bankruptcy_date > {{ as_of() }}, {{ enterprises }}.is_bankrupt is not true)
{%- endmacro %}

{#
    Whether an enterprise counts for what somebody can do: also one that went bankrupt in the years that facts count. A
    bankruptcy makes nobody less able to run enterprises, and must not make him look so.
#}
{% macro counts_for_capacity(enterprises) -%}
    coalesce(
        {{ enterprises }}.bankruptcy_date > {{ as_of() }} - make_interval(years => {{ quantity('look_back') }}), true
    )
{%- endmacro %}

{#
    The tax agency's matters that concern a person: her own, and those of enterprises that she led on the day or shortly
    before; of several roles in one enterprise, the surest and oldest. `matters` is a CTE with orgnr and source_record_id.
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
    where {{ led_shortly_before(date) }}
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

{#
    Whether a role in a successor was held when the business went there: not left before that, and not taken after the time in which
    an enterprise counts as a successor.
#}
{% macro led_when_moved(leaderships, successors="successors") -%}
    (
        {{ leaderships }}.valid_from <= {{ successors }}.bankruptcy_date + {{ quantity('phoenix') }}
        and coalesce({{ leaderships }}.valid_to > {{ successors }}.moved_date, true)
    )
{%- endmacro %}

{# Whether a successor carries a bankrupt enterprise's business on, whoever leads it. #}
{% macro carries_on() -%}
    (successors.has_same_address or successors.moved_count >= 2)
{%- endmacro %}
