{{ config(indexes=[{'columns': ['person_id']}]) }}

with reasons as (
    select person_id from {{ ref('person_roles') }}
    where person_id is not null
    union
    select person_id from {{ ref('police_cases_of_persons') }}
    union
    select person_id from {{ ref('events_of_persons') }}
    union
    select person_id from {{ ref('decisions_of_persons') }}
    where is_standing
)

select * from reasons
