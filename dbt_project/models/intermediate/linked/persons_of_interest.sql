{{ config(indexes=[{'columns': ['person_id']}]) }}

with persons as (
    select person_id from {{ ref('reasons_of_interest') }}
    union
    -- Whoever disputes is told what could not be checked, also where nothing else is left.
    select person_id from {{ ref('disputed_facts') }}
    where is_open or extract = 'arbeidsforhold'
)

select * from persons
