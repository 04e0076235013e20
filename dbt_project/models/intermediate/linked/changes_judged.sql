-- B1: what the management teams say of the change, by tertial and by year of the release they decided on; of key threat
-- actors, and apart of all others.
-- By the status that a decision gives, or that stood until then: whom nobody gave another than dismissed is no actor.
with of_actors as (
    select
        decisions.decision_id,
        bool_or(spells.status = 'sentral_trusselaktor') as is_key
    from {{ ref('decisions_of_persons') }} as decisions
    inner join {{ ref('status_spells') }} as spells
        on decisions.centre_id = spells.centre_id
            and decisions.person_id = spells.person_id
            and decisions.decided_date >= spells.valid_from
            and coalesce(decisions.decided_date <= spells.valid_to, true)
    inner join {{ ref('status_codes') }} as codes on spells.status = codes.status
    where codes.is_actor
    group by decisions.decision_id
),

judged as (
    select
        decisions.centre_id,
        decisions.person_id,
        periods.period,
        dimensions.dimension,
        dimensions.change,
        decisions.decided_date,
        decisions.decision_id,
        codes.seriousness,
        of_actors.decision_id is not null as is_actor,
        coalesce(of_actors.is_key, false) as is_key
    from {{ ref('decisions_of_persons') }} as decisions
    inner join {{ ref('status_codes') }} as codes on decisions.status = codes.status
    left join of_actors on decisions.decision_id = of_actors.decision_id
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

scoped as (
    select
        judged.*,
        scopes.scope,
        bool_or(judged.is_actor) over (partition by scopes.scope, judged.period, judged.person_id) as is_actor_there,
        bool_or(judged.is_key) over (partition by scopes.scope, judged.period, judged.person_id) as is_key_there
    from judged
    cross join lateral (values (judged.centre_id), ('national')) as scopes (scope)
),

-- One judgement a person: one that was made before one that was not, nationally of whoever gave the most serious
-- status, then the newest, then the gravest.
last_judged as (
    select distinct on (scope, period, dimension, person_id)
        scope,
        period,
        dimension,
        change,
        case when is_key_there then 'B1_' else 'B1_others_' end as goal
    from scoped
    where is_actor_there
    order by
        scope, period, dimension, person_id,
        change = 'ikke_vurdert', case when scope = 'national' then seriousness end, decided_date desc,
        array_position(array['okt', 'uendret', 'redusert'], change), decision_id desc
),

changes as (
    select
        last_judged.scope,
        last_judged.period,
        last_judged.goal || last_judged.dimension || '_' || kinds.kind as measure,
        count(*) filter (where last_judged.change = kinds.change) as numerator,
        count(*) as denominator
    from last_judged
    cross join (
        values ('redusert', 'reduced'), ('uendret', 'unchanged'), ('okt', 'increased'), ('ikke_vurdert', 'not_assessed')
    ) as kinds (change, kind)
    group by last_judged.scope, last_judged.period, last_judged.goal, last_judged.dimension, kinds.kind
)

select * from changes
