with listed as (
    select
        centre_id,
        person_id as subject_id
    from {{ ref('assessments') }}
    where release_id = {{ release_id() }}
    union all
    select
        centre_id,
        orgnr
    from {{ ref('enterprise_assessments') }}
    where release_id = {{ release_id() }}
),

told as (
    select
        {{ release_id() }} as release_id,
        nominated.centre_id,
        nominated.agency,
        nominated.nomination_id,
        nominated.person_id,
        nominated.orgnr,
        nominated.nominated_date,
        nominated.valid_until,
        nominated.observed_code,
        nominated.source_grade,
        nominated.information_grade,
        listed.subject_id is not null as is_listed,
        answers.answer,
        answers.status,
        answers.decided_date
    from {{ ref('nominations_of_centres') }} as nominated
    inner join {{ ref('nomination_answers') }} as answers
        on nominated.centre_id = answers.centre_id
            and nominated.agency = answers.agency
            and nominated.nomination_id = answers.nomination_id
    left join listed
        on nominated.centre_id = listed.centre_id
            and coalesce(nominated.person_id, nominated.orgnr) = listed.subject_id
)

select * from told
