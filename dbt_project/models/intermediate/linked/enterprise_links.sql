{{ config(indexes=[{'columns': ['one_orgnr']}, {'columns': ['other_orgnr']}]) }}

with held as (
    select
        person_id,
        orgnr,
        bool_or(tie = 'leading_role') as is_leading,
        range_agg(daterange(lower(days), upper(days) + {{ tie_quantity('shared_person') }}, '[]')) as near_days
    from {{ ref('role_ties') }}
    cross join unnest(days_held) as days
    group by person_id, orgnr
),

-- In both at the same time or soon after one another. What one person alone has in common with himself says little.
shared_persons as (
    select
        one.orgnr as one_orgnr,
        other.orgnr as other_orgnr,
        'shared_person' as tie,
        one.person_id as via
    from held as one
    inner join held as other
        on one.person_id = other.person_id
            and one.orgnr < other.orgnr
            and one.near_days && other.near_days
    where one.is_leading or other.is_leading
),

ties as (
    select * from shared_persons
    union
    select
        least(from_orgnr, to_orgnr),
        greatest(from_orgnr, to_orgnr),
        tie,
        tie
    from {{ ref('enterprise_ties') }}
),

-- Each person and each kind of tie counts once.
links as (
    select
        ties.one_orgnr,
        ties.other_orgnr
    from ties
    inner join {{ ref('network_rules') }} as rules on ties.tie = rules.tie
    group by ties.one_orgnr, ties.other_orgnr
    having sum(rules.weight) >= {{ quantity('network_link') }}
)

select * from links
