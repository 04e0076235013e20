{# The limit above which somebody or something is a hub for that tie, and the tie's own quantity, from the published rule. #}
{% macro hub_limit(tie) -%}
    (select rule.hub_limit from {{ ref('network_rules') }} as rule where rule.tie = '{{ tie }}')
{%- endmacro %}

{% macro tie_quantity(tie) -%}
    (select rule.quantity from {{ ref('network_rules') }} as rule where rule.tie = '{{ tie }}')
{%- endmacro %}

{#
    CTEs that give every node of a graph the smallest node it can be reached from: `component(node, label)`.

    In each round a node takes its smallest neighbour for its label, or that one's smallest, four steps along. The labels are the
    nodes of the next round's smaller graph, tied where what they stand for is, and to their own labels. So a chain of n ties needs
    about log2(n) rounds, and rounds after the last tie cost nothing. What has not settled by then is caught by the test networks_are_whole.
    `ties` is a CTE of from_key and to_key.
#}
{% macro component(ties, rounds=12) -%}
ties_0 as materialized (
    select from_key as node, to_key as neighbour from {{ ties }}
    where from_key <> to_key
    union
    select to_key, from_key from {{ ties }}
    where from_key <> to_key
),
{% for nth in range(rounds) %}
nearest_{{ nth }} as materialized (
    select node, least(node, min(neighbour)) as label
    from ties_{{ nth }}
    group by node
),

further_{{ nth }} as materialized (
    select nearest.node, further.label
    from nearest_{{ nth }} as nearest
    inner join nearest_{{ nth }} as further on nearest.label = further.node
),

label_{{ nth }} as materialized (
    select further.node, furthest.label
    from further_{{ nth }} as further
    inner join further_{{ nth }} as furthest on further.label = furthest.node
),
{% if not loop.last %}
ties_{{ nth + 1 }} as materialized (
    select own.label as node, beside.label as neighbour
    from ties_{{ nth }} as ties
    inner join label_{{ nth }} as own on ties.node = own.node
    inner join label_{{ nth }} as beside on ties.neighbour = beside.node
    where own.label <> beside.label
    union
    select own.label, further.label
    from label_{{ nth }} as own
    inner join label_{{ nth }} as further on own.label = further.node
    where own.label <> further.label
    union
    select further.label, own.label
    from label_{{ nth }} as own
    inner join label_{{ nth }} as further on own.label = further.node
    where own.label <> further.label
),
{% endif %}
{% endfor %}
{#- A label's own label, from the last round back to the first. #}
settled_{{ rounds - 1 }} as materialized (
    select node, label from label_{{ rounds - 1 }}
),
{% for nth in range(rounds - 2, -1, -1) %}
settled_{{ nth }} as materialized (
    select labels.node, coalesce(settled.label, labels.label) as label
    from label_{{ nth }} as labels
    left join settled_{{ nth + 1 }} as settled on labels.label = settled.node
),
{% endfor %}
component as (
    select nodes.node, coalesce(settled_0.label, nodes.node) as label
    from (
        select from_key as node from {{ ties }}
        union
        select to_key from {{ ties }}
    ) as nodes
    left join settled_0 on nodes.node = settled_0.node
)
{%- endmacro %}
