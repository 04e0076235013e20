{# Which centre each municipality belongs to on the cut-off date. #}
{% macro catchments_in_force() -%}
    select
        centre_id,
        municipality_code
    from {{ ref('centre_catchments') }}
    where valid_from <= {{ as_of() }} and coalesce(valid_to > {{ as_of() }}, true)
{%- endmacro %}

{# Each row of a CTE nationally, and once more for the centre whose area its municipality_code lies in. #}
{% macro scoped(rows) -%}
    select
        'national' as scope,
        {{ rows }}.*
    from {{ rows }}
    union all
    select
        coalesce(catchments.centre_id, 'uten_senter') as scope,
        {{ rows }}.*
    from {{ rows }}
    left join ({{ catchments_in_force() }}) as catchments on {{ rows }}.municipality_code = catchments.municipality_code
{%- endmacro %}
