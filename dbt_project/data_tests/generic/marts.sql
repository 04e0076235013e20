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

{# A figure has a denominator where its measure is a part of a whole, and is the share where its unit says so. #}
{% test figures_are_as_defined(model) %}
    select figures.measure
    from {{ model }} as figures
    left join {{ ref('measures') }} as measures on figures.measure = measures.measure
    where figures.release_id = {{ release_id() }}
        and (
            (figures.numerator is not null and (figures.denominator is null) is distinct from (measures.whole is null))
            or figures.unit is distinct from measures.unit
            or figures.value is distinct from case
                when measures.unit = 'per_cent' then round(100.0 * figures.numerator / nullif(figures.denominator, 0))
                else figures.numerator
            end
        )
{% endtest %}
