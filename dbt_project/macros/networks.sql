{# The limit above which somebody or something is a hub for that tie, and the tie's own quantity, from the published rule. #}
{% macro hub_limit(tie) -%}
    (select rule.hub_limit from {{ ref('network_rules') }} as rule where rule.tie = '{{ tie }}')
{%- endmacro %}

{% macro tie_quantity(tie) -%}
    (select rule.quantity from {{ ref('network_rules') }} as rule where rule.tie = '{{ tie }}')
{%- endmacro %}

{#
    CTEs that give every node of a graph the smallest node it can be reached from: `component(node, label)`.

    Each round takes the smallest label among the neighbours and then the label of that label, so a chain of n ties
    needs about log2(n) rounds. What has not settled after the last round is caught by the test networks_are_whole.
    `ties` is a CTE of from_key and to_key.
#}
{% macro component(ties, rounds=12) -%}
both_ways as materialized (
    select from_key as node, to_key as neighbour from {{ ties }}
    union
    select to_key, from_key from {{ ties }}
),

label_0 as materialized (
    select node, least(node, min(neighbour)) as label
    from both_ways
    group by node
),
{% for nth in range(1, rounds + 1) %}
nearest_{{ nth }} as materialized (
    select both_ways.node, least(min(own.label), min(beside.label)) as label
    from both_ways
    inner join label_{{ nth - 1 }} as own on both_ways.node = own.node
    inner join label_{{ nth - 1 }} as beside on both_ways.neighbour = beside.node
    group by both_ways.node
),

label_{{ nth }} as materialized (
    select nearest.node, further.label
    from nearest_{{ nth }} as nearest
    inner join nearest_{{ nth }} as further on nearest.label = further.node
),
{% endfor %}
component as (
    select node, label from label_{{ rounds }}
)
{%- endmacro %}
