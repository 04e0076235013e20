-- What no line of the sharing matrix lets the national part rest on, it does not: by default nothing.
with told as (
    select
        agency,
        category
    from {{ source('meta', 'told_nationally') }}
    where release_id = {{ release_id() }}
),

rules_told as (
    select split_part(origins.subject, '.', 2) as indicator_code
    from {{ ref('data_origins') }} as origins
    left join told on origins.agency = told.agency and origins.category = told.category
    where origins.subject like 'rule.%'
    group by origins.subject
    having bool_and(told.agency is not null)
),

-- A proposal rests on every rule that gives points: with one of them untold it would tell that there is another.
proposals_told as (
    select observations.person_id
    from {{ ref('indicator_observations') }} as observations
    left join rules_told on observations.indicator_code = rules_told.indicator_code
    where observations.release_id = {{ release_id() }} and observations.points > 0
    group by observations.person_id
    having bool_and(rules_told.indicator_code is not null)
),

lists as (
    select
        listed.person_id,
        listed.centre_id,
        case when proposals_told.person_id is not null then listed.proposed_status end as proposed_status,
        case when decisions_told.agency is not null then listed.status end as status
    from {{ ref('assessments') }} as listed
    left join told as decisions_told on decisions_told.agency = 'sentrene' and decisions_told.category = 'decision'
    left join proposals_told on listed.person_id = proposals_told.person_id
    where listed.release_id = {{ release_id() }} and coalesce(listed.status, '') <> 'avskrevet'
),

told_lists as (
    select
        *,
        count(*) over (partition by person_id) > 1 as is_on_several_lists,
        bool_or(centre_id = 'uten_senter') over (partition by person_id) as is_without_centre
    from lists
    where proposed_status is not null or status is not null
),

-- Who is on one centre's list alone is that centre's matter.
kept as (
    select
        {{ release_id() }} as release_id,
        person_id,
        centre_id,
        proposed_status,
        status
    from told_lists
    where is_on_several_lists or is_without_centre
)

select * from kept
