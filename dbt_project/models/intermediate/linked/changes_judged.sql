-- B1: what the management teams say of the change, by tertial and by year of the release they decided on.
with judged as (
    select
        decisions.centre_id,
        decisions.person_id,
        periods.period,
        dimensions.dimension,
        dimensions.change,
        decisions.decided_date,
        decisions.decision_id
    from {{ ref('decisions_of_persons') }} as decisions
    cross join
        lateral (
            values (split_part(decisions.decided_release_id, '.', 1)), (left(decisions.decided_release_id, 4))
        ) as periods (period)
    cross join
        lateral (
            values ('capacity', decisions.capacity_change), ('intention', decisions.intention_change)
        ) as dimensions (dimension, change)
    where decisions.is_standing
),

-- One judgement a person: one that was made before one that was not, then the newest.
last_judged as (
    select distinct on (scopes.scope, judged.period, judged.dimension, judged.person_id)
        scopes.scope,
        judged.period,
        judged.dimension,
        judged.change
    from judged
    cross join lateral (values (judged.centre_id), ('national')) as scopes (scope)
    order by
        scopes.scope, judged.period, judged.dimension, judged.person_id,
        judged.change = 'ikke_vurdert', judged.decided_date desc, judged.decision_id desc
),

changes as (
    select
        last_judged.scope,
        last_judged.period,
        'B1_' || last_judged.dimension || '_' || kinds.kind as measure,
        count(*) filter (where last_judged.change = kinds.change) as numerator,
        count(*) as denominator
    from last_judged
    cross join (
        values ('redusert', 'reduced'), ('uendret', 'unchanged'), ('okt', 'increased'), ('ikke_vurdert', 'not_assessed')
    ) as kinds (change, kind)
    group by last_judged.scope, last_judged.period, last_judged.dimension, kinds.kind
)

select * from changes
