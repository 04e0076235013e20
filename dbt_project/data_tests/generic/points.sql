{#
    The points of an assessment are the sum of its observations' points, dimension by dimension, without the rules that are
    withheld from its centre; capacity counts from enough intention on.
#}
{% test points_are_conserved(model) %}
    with observed as (
        select
            assessments.centre_id,
            assessments.person_id,
            coalesce(sum(observations.points) filter (where observations.dimension = 'intention'), 0) as intention_points,
            coalesce(sum(observations.points) filter (where observations.dimension = 'capacity'), 0) as capacity_points
        from {{ model }} as assessments
        inner join {{ ref('indicator_observations') }} as observations
            on assessments.release_id = observations.release_id and assessments.person_id = observations.person_id
        where assessments.release_id = {{ release_id() }}
            and not exists (
                select 1 from {{ ref('withheld_rules') }} as withheld
                where withheld.release_id = {{ release_id() }}
                    and withheld.withheld_from = assessments.centre_id
                    and withheld.indicator_code = observations.indicator_code
            )
        group by assessments.centre_id, assessments.person_id
    ),

    counting as (
        select
            centre_id,
            person_id,
            intention_points,
            case when intention_points >= {{ quantity('capacity_counts') }} then capacity_points else 0 end as capacity_points
        from observed
    )

    select assessments.person_id
    from {{ model }} as assessments
    left join counting
        on assessments.centre_id = counting.centre_id and assessments.person_id = counting.person_id
    where assessments.release_id = {{ release_id() }}
        and (assessments.intention_points, assessments.capacity_points, assessments.total_points)
        is distinct from (
            coalesce(counting.intention_points, 0),
            coalesce(counting.capacity_points, 0),
            coalesce(counting.intention_points + counting.capacity_points, 0)
        )
{% endtest %}

{# The points of a network or an enterprise are the sum of its rules' points, dimension by dimension. #}
{% test points_of_groups_are_conserved(model, group_kind, group_id) %}
    select assessed.{{ group_id }}
    from {{ model }} as assessed
    left join {{ ref('group_observations') }} as observed
        on assessed.release_id = observed.release_id
            and assessed.centre_id = observed.centre_id
            and observed.group_kind = '{{ group_kind }}'
            and assessed.{{ group_id }} = observed.group_id
    where assessed.release_id = {{ release_id() }}
    group by
        assessed.centre_id, assessed.{{ group_id }}, assessed.intention_points, assessed.capacity_points, assessed.total_points
    having assessed.intention_points <> coalesce(sum(observed.points) filter (where observed.dimension = 'intention'), 0)
        or assessed.capacity_points <> case
            when assessed.intention_points >= {{ quantity('capacity_counts') }}
                then coalesce(sum(observed.points) filter (where observed.dimension = 'capacity'), 0)
            else 0
        end
        or assessed.total_points <> assessed.intention_points + assessed.capacity_points
{% endtest %}
