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

{# No person with a protected record shows any part of an address. #}
{% test no_protected_address(model) %}
    select persons.person_id
    from {{ model }} as persons
    inner join {{ ref('protected_persons') }} as protected on persons.person_id = protected.person_id
    where persons.release_id = {{ release_id() }}
        and (
            not persons.has_protected_address
            or coalesce(
                persons.street_address, persons.postcode, persons.municipality_code, persons.municipality_name
            ) is not null
        )
{% endtest %}

{#
    Every row names a row of another mart of the same release by these columns, `named` so there; one that leaves any
    empty names none.
#}
{% test refers_to(model, columns, to, named=none) %}
    select referring.{{ columns | join(', referring.') }}
    from {{ model }} as referring
    left join {{ to }} as referred
        on referred.release_id = {{ release_id() }}
            and (referring.{{ columns | join(', referring.') }}) = (referred.{{ (named or columns) | join(', referred.') }})
    where referring.release_id = {{ release_id() }}
        and (referring.{{ columns | join(', referring.') }}) is not null
        and referred.release_id is null
{% endtest %}

{# Each person with a status has one national status, and it is one that a centre has given. #}
{% test statuses_reconcile(model) %}
    select person_id
    from {{ model }}
    where release_id = {{ release_id() }}
    group by person_id
    having count(*) filter (where scope = 'national') <> 1
        or coalesce(
            max(status) filter (where scope = 'national') <> all(array_agg(status) filter (where scope <> 'national')),
            true
        )
{% endtest %}

{# Whoever has a status other than dismissed stands on that centre's list. #}
{% test whom_a_status_keeps_is_listed(model) %}
    select person_id
    from {{ model }}
    where release_id = {{ release_id() }} and not is_listed and is_actor
{% endtest %}

{# Every member of a network is a person or an enterprise of the same release. #}
{% test members_are_described(model) %}
    select members.member_id
    from {{ model }} as members
    left join {{ ref('persons') }} as persons
        on members.member_kind = 'person'
            and persons.release_id = {{ release_id() }}
            and members.member_id = persons.person_id
    left join {{ ref('enterprises') }} as enterprises
        on members.member_kind = 'enterprise'
            and enterprises.release_id = {{ release_id() }}
            and members.member_id = enterprises.orgnr
    where members.release_id = {{ release_id() }}
        and persons.person_id is null
        and enterprises.orgnr is null
{% endtest %}

{# No enterprise is in two networks; a person who leads enterprises of two is in both. #}
{% test networks_are_whole(model) %}
    select member_id
    from {{ model }}
    where release_id = {{ release_id() }} and member_kind = 'enterprise'
    group by member_id
    having count(*) > 1
{% endtest %}

{# The classes of an agency's outcomes add up to its reports, and the centres' reports to the national ones. #}
{% test outcomes_add_up(model) %}
    with totals as (
        select
            reporting_agency,
            scope,
            sum(report_count) as reports,
            max(total_count) as total_count
        from {{ model }}
        where release_id = {{ release_id() }}
        group by reporting_agency, scope
    )

    select reporting_agency
    from totals
    group by reporting_agency
    having bool_or(reports <> total_count)
        or sum(reports) filter (where scope = 'national') <> sum(reports) filter (where scope <> 'national')
{% endtest %}

{# What a person or an enterprise shows is no address of a protected person, however it is written. #}
{% test no_borne_protected_address(model) %}
    select digests.digest
    from {{ model }} as shown
    cross join lateral meta.borne_address_digests(shown.street_address, shown.postcode) as digests (digest)
    inner join {{ ref('protected_addresses') }} as protected on digests.digest = protected.address_digest
    where shown.release_id = {{ release_id() }}
{% endtest %}

{# No text of the mart holds a person number of any series. Ids are as their owners gave them. #}
{% test no_person_numbers(model) %}
    {%- set texts = [] -%}
    {%- set columns = graph.nodes["model.akrim." ~ model.identifier].columns if execute else {} -%}
    {%- for column in columns.values() -%}
        {%- if column.data_type in ("text", "text[]")
            and not modules.re.search("(^|_)(id|orgnr|number|reference)$", column.name) -%}
            {%- do texts.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    select shown.release_id
    from {{ model }} as shown
    where shown.release_id = {{ release_id() }}
        and (
            false
            {% for text in texts %}
                or shown.{{ text }}::text is distinct from meta.without_person_numbers(shown.{{ text }}::text)
            {% endfor %}
        )
{% endtest %}

{# A figure has a denominator where its measure is a part of a whole, and is the share where its unit says so. #}
{% test figures_are_as_defined(model) %}
    select figures.measure
    from {{ model }} as figures
    left join {{ ref('measures') }} as measures on figures.measure = measures.measure
    where figures.release_id = {{ release_id() }}
        and (
            (figures.denominator is null) is distinct from (measures.whole is null)
            or figures.unit is distinct from measures.unit
            or figures.value is distinct from case
                when measures.unit = 'per_cent' then round(100.0 * figures.numerator / nullif(figures.denominator, 0))
                else figures.numerator
            end
        )
{% endtest %}
