with questions as (
    select
        {{ release_id() }} as release_id,
        centre_id,
        person_id,
        question,
        bearer_person_id,
        status,
        decided_date
    from {{ ref('questions_of_status') }}
)

select * from questions
