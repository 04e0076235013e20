with rules_told as (
    select split_part(origins.subject, '.', 2) as indicator_code
    from {{ ref('data_origins') }} as origins
    left join {{ source('meta', 'told_nationally') }} as told
        on told.release_id = {{ release_id() }}
            and origins.agency = told.agency
            and origins.category = told.category
    where origins.subject like 'rule.%'
    group by origins.subject
    having bool_and(told.agency is not null)
),

observed as (
    select
        actors.person_id,
        observations.indicator_code,
        observations.dimension,
        observations.points,
        rules_told.indicator_code is not null as is_told
    from {{ ref('national_actors') }} as actors
    inner join {{ ref('indicator_observations') }} as observations on actors.person_id = observations.person_id
    left join rules_told on observations.indicator_code = rules_told.indicator_code
    where actors.release_id = {{ release_id() }}
        and observations.release_id = {{ release_id() }}
        and observations.checked = 'fired'
),

-- That capacity was looked at tells how much the rules of intention found, also those that are not told.
able as (
    select person_id
    from observed
    where dimension = 'intention'
    group by person_id
    having bool_and(is_told or points = 0)
        or sum(points) filter (where is_told) >= {{ quantity('capacity_counts') }}
),

pointed as (
    select
        {{ release_id() }} as release_id,
        observed.person_id,
        observed.indicator_code
    from observed
    left join able on observed.person_id = able.person_id
    where observed.is_told and (observed.dimension = 'intention' or able.person_id is not null)
)

select * from pointed
