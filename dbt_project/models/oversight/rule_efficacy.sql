with looked_at as (
    select * from {{ ref('persons_looked_at') }}
),

bases as (
    select distinct
        base_release_id,
        months,
        base_date,
        until_date
    from looked_at
),

-- Whoever led an enterprise then and whom no rule gave a reason to look at.
others as (
    select distinct
        bases.months,
        leaderships.person_id
    from bases
    inner join {{ ref('leaderships') }} as leaderships
        on bases.base_date >= leaderships.valid_from and coalesce(leaderships.valid_to > bases.base_date, true)
    left join looked_at on bases.months = looked_at.months and leaderships.person_id = looked_at.person_id
    where looked_at.person_id is null
),

happened as (
    select distinct
        bases.months,
        events.person_id,
        events.outcome
    from bases
    inner join {{ ref('outcomes_of_persons') }} as events
        on bases.base_date < events.event_date and bases.until_date >= events.event_date
),

persons as (
    select
        months,
        subject,
        code,
        case when is_pointed_at then 'pointed_at' else 'looked_at' end as compared,
        'all' as characteristic,
        'all' as subgroup,
        person_id
    from looked_at
    union all
    select
        looked_at.months,
        looked_at.subject,
        looked_at.code,
        'pointed_at',
        subgroups.characteristic,
        subgroups.subgroup,
        looked_at.person_id
    from looked_at
    inner join {{ ref('subgroups_of_persons') }} as subgroups on looked_at.person_id = subgroups.person_id
    where looked_at.is_pointed_at and subgroups.characteristic <> 'all'
    union all
    select
        others.months,
        'everybody',
        'everybody',
        'others',
        'all',
        'all',
        others.person_id
    from others
),

counted as (
    select
        persons.months,
        persons.subject,
        persons.code,
        persons.compared,
        persons.characteristic,
        persons.subgroup,
        outcomes.outcome,
        count(*)::integer as person_count,
        count(happened.person_id)::integer as outcome_count
    from persons
    cross join (
        values ('inspected'), ('severe_inspection'), ('reassessed'), ('convicted'), ('bankruptcy'), ('dismissed')
    ) as outcomes (outcome)
    left join happened
        on persons.months = happened.months and persons.person_id = happened.person_id
            and outcomes.outcome = happened.outcome
    group by
        persons.months, persons.subject, persons.code, persons.compared, persons.characteristic, persons.subgroup,
        outcomes.outcome
)

-- Wilson's interval of 95 per cent, which holds for small groups too.
select
    {{ release_id() }} as release_id,
    counted.months,
    bases.base_release_id,
    counted.subject,
    counted.code,
    counted.compared,
    counted.characteristic,
    counted.subgroup,
    counted.outcome,
    counted.person_count,
    counted.outcome_count,
    round(100 * share, 1) as share_pct,
    round(100 * greatest(0, (share + square / 2 - half) / (1 + square)), 1) as low_pct,
    round(100 * least(1, (share + square / 2 + half) / (1 + square)), 1) as high_pct
from counted
inner join bases on counted.months = bases.months
cross join
    lateral (
        select
            counted.outcome_count::numeric / counted.person_count as share,
            1.96 ^ 2 / counted.person_count as square
    ) as z
cross join lateral (
    select sqrt(share * (1 - share) * square + square ^ 2 / 4) as half
) as h
