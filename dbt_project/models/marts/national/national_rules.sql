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

pointed as (
    select
        {{ release_id() }} as release_id,
        actors.person_id,
        observations.indicator_code
    from {{ ref('national_actors') }} as actors
    inner join {{ ref('indicator_observations') }} as observations on actors.person_id = observations.person_id
    inner join rules_told on observations.indicator_code = rules_told.indicator_code
    where actors.release_id = {{ release_id() }}
        and observations.release_id = {{ release_id() }}
        and observations.checked = 'fired'
)

select * from pointed
